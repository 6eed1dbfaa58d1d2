"""What all monitoring does: it takes what it is given, at once, and never stands in the way."""

from __future__ import annotations

from typing import Any

import pytest

from shared_backend.cloud.contract import Capability, Monitoring
from shared_backend.cloud.deadline import Deadline
from tests.support.cloud.case import Opened

CAPABILITY = Capability.MONITORING


def test_what_was_given_arrives(offer: Monitoring, opened: Opened, deadline: Deadline, here: str) -> None:
    offer.metric(f"{here}.pages", 4.5, unit="ms", attributes={"page": "home"})
    offer.event(f"{here}.signed_in", {"portal": "user_portal"})
    with offer.trace(f"{here}.parse", {"kind": "pdf"}):
        pass
    assert offer.flush(deadline=deadline)
    arrived = opened.monitored(here)
    assert f"{here}.pages" in arrived
    assert f"{here}.signed_in" in arrived
    assert any(name.startswith(f"{here}.parse") for name in arrived)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0, 0.0, 10**400, None, "text", object()])
def test_no_value_makes_it_raise(offer: Monitoring, here: str, value: Any) -> None:
    offer.metric(f"{here}.odd", value, unit="", attributes={})


@pytest.mark.parametrize("attributes", [{}, {"x" * 500: "y" * 50_000}, {"a": None, 3: object()}, None])
def test_no_attribute_makes_it_raise(offer: Monitoring, here: str, attributes: Any) -> None:
    offer.metric(f"{here}.odd", 1.0, unit="ms", attributes=attributes)
    offer.event(f"{here}.odd" + "n" * 5_000, attributes)
    offer.event("", attributes)
    with offer.trace(f"{here}.odd", attributes):
        pass


def test_a_trace_does_not_hide_the_error_in_it(offer: Monitoring, here: str) -> None:
    with pytest.raises(KeyError), offer.trace(f"{here}.fails", {}):
        raise KeyError("mine")


def test_nobody_waits_for_it(offer: Monitoring, here: str) -> None:
    for _ in range(500):
        offer.metric(f"{here}.many", 1.0, unit="ms", attributes={"a": "b"})


def test_a_flush_keeps_to_its_time(offer: Monitoring, here: str) -> None:
    offer.event(f"{here}.late", {})
    assert isinstance(offer.flush(deadline=Deadline(0)), bool)
