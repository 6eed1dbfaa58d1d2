"""Every process's breakers: each decides for itself whom it leaves alone, and an operator wants to see all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared_backend.services.process_reports import SILENT_S, ProcessReport

if TYPE_CHECKING:
    from shared_backend.services.cloud_orchestrator import CloudServicesOrchestrator

NAME = "breakers"


@dataclass(frozen=True)
class ProcessBreaker:
    """How one process's breaker of a provider's capability stands. `retry_in_s`: until it lets a call try."""

    portal: str
    instance: str
    state: str
    retry_in_s: float


def told(cloud: CloudServicesOrchestrator | None) -> dict[str, Any]:
    """What a process tells of its breakers; nothing before it has called anybody. No errors: they may name files."""
    if cloud is None:
        return {}
    rows = [
        [provider, str(capability), info.state, round(info.retry_in_s, 1)]
        for (provider, capability), info in cloud.caller.breakers().items()
    ]
    return {NAME: rows}


def breakers(reports: Sequence[ProcessReport], now: datetime) -> Mapping[tuple[str, str], tuple[ProcessBreaker, ...]]:
    """By (provider, capability): those of all processes that have called it and still report."""
    found: dict[tuple[str, str], tuple[ProcessBreaker, ...]] = {}
    for process in reports:
        age_s = (now - process.at).total_seconds()
        if age_s > SILENT_S:
            continue
        for provider, capability, state, retry_in_s in process.report.get(NAME, ()):
            own = ProcessBreaker(process.portal, process.instance, state, max(0.0, retry_in_s - age_s))
            found[provider, capability] = (*found.get((provider, capability), ()), own)
    return found
