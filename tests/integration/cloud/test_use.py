"""What the clouds were used for: added up over processes, written off the caller's thread, priced only by a table."""

from __future__ import annotations

import gc
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared_backend.cloud import use
from shared_backend.cloud.contract import Capability, Message, Sentiment, Usage
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudUnavailable
from shared_backend.cloud.prices import Prices, load_prices
from shared_backend.cloud.registry import ProviderRegister
from shared_backend.cloud.use import Use, UseRecorder
from shared_backend.config.backend_config import ConfigurationError
from shared_backend.config.cloud_config import load_cloud_settings
from shared_backend.database.engine import Database
from shared_backend.services.cloud_orchestrator import CloudServicesOrchestrator
from tests.support.cloud_fakes import FakeGeneration, FakeProvider, LetterEmbeddings

TABLE = Prices("the provider's page", "2026-11-01", "USD", {"azure/m": (2.0, 10.0)})


def read(database: Database, prices: Prices = TABLE, **since: datetime) -> list[Use]:
    with database.read() as connection:
        return use.used(connection, since=since.get("since", datetime(2000, 1, 1, tzinfo=UTC)), prices=prices)


class Billing:
    """A `TextAnalysis` that is billed."""

    def sentiment(self, _text: str, *, language: str | None, deadline: Deadline) -> Sentiment:
        return Sentiment("neutral", language=language or "en")

    def units(self, _text: str) -> int:
        return 3


def test_processes_add_up_and_writing_twice_counts_once(database: Database) -> None:
    first, second = UseRecorder(database), UseRecorder(database)
    for elapsed in [10.0] * 90 + [1000.0] * 10:
        first.call("azure", Capability.BLOBS, elapsed, failed=elapsed > 500)
    for _ in range(3):
        assert first.flush()
    second.call("azure", Capability.BLOBS, 5000.0, failed=True)
    first.close()
    second.close()
    (found,) = read(database)
    assert (found.calls, found.failures, found.slowest_ms) == (101, 11, 5000.0)
    assert found.p50_ms == pytest.approx(10, rel=0.13) and found.p95_ms == pytest.approx(1000, rel=0.13)
    assert found.cost is None


def test_tokens_by_model_and_what_they_cost_where_a_price_is_known(database: Database) -> None:
    recorder = UseRecorder(database)
    for model in ("m", "unpriced"):
        recorder.tokens("azure", Capability.GENERATION, model, Usage(1_000_000, 100_000))
    recorder.tokens("azure", Capability.GENERATION, "says nothing", Usage())
    recorder.close()
    priced, unpriced = read(database)
    assert (priced.model, priced.input_tokens, priced.output_tokens, priced.cost, priced.currency) == (
        "m", 1_000_000, 100_000, 3.0, "USD",
    )  # fmt: skip
    assert priced.price_source == "the provider's page, 2026-11-01"
    assert (unpriced.model, unpriced.cost, unpriced.currency) == ("unpriced", None, "")


def test_the_last_day_is_the_last_day(database: Database) -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    times = iter([now - timedelta(days=2), now])
    at = [next(times)]
    recorder = UseRecorder(database, clock=lambda: at[0])
    recorder.call("azure", Capability.TEXT, 1.0, failed=False)
    recorder.flush()
    at[0] = next(times)
    recorder.call("azure", Capability.TEXT, 1.0, failed=False)
    recorder.close()
    assert [each.calls for each in read(database, since=now - timedelta(days=1))] == [1]
    with database.write() as uow:
        assert use.prune(uow.connection, before=now - timedelta(days=1)) == 1


def test_a_database_that_is_away_loses_no_figure_and_stops_nobody(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = UseRecorder(database, interval_s=60)
    recorder.call("azure", Capability.TEXT, 1.0, failed=False)
    with monkeypatch.context() as patch:
        patch.setattr(database, "run", lambda work: (_ for _ in ()).throw(OSError("away")))
        assert not recorder.flush()
    recorder.close()
    assert read(database)[0].calls == 1


def test_a_recorder_that_nobody_has_any_more_takes_its_thread_along(database: Database) -> None:
    recorder = UseRecorder(database, interval_s=0.01)
    recorder.call("azure", Capability.TEXT, 1.0, failed=False)
    thread = recorder._thread
    assert thread is not None and thread.is_alive()
    del recorder
    gc.collect()
    thread.join(timeout=5)
    assert not thread.is_alive()


def test_the_orchestrator_counts_calls_failures_and_tokens(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    file.write_text(json.dumps({
        "source": "a page", "date": "2026-11-01", "currency": "EUR", "models": {"azure/azure-model": {"input": 10_000}},
        "units": {"azure/sentiment": 500},
    }))  # fmt: skip
    azure = FakeProvider(
        "azure", generation=FakeGeneration("azure", "Hi"), embeddings=LetterEmbeddings("azure", "azure/l/8")
    )
    azure.parts["text"] = Billing()
    local = FakeProvider("local", text=object())
    register = ProviderRegister(factories={"azure": lambda: azure, "local": lambda: local})
    settings = load_cloud_settings(prices=file)
    cloud = CloudServicesOrchestrator({}, settings=settings, database=database, providers=register)
    cloud.generate([Message("user", "Hi?")])
    assert "".join(cloud.generate_stream([Message("user", "Hi?")])) == "Hi"
    with cloud.generate_stream([Message("user", "Hi?")]) as stream:
        # What nobody hears to its end is not counted: its tokens were not told.
        assert next(iter(stream)) == "Hi"
    azure.parts["generation"].error = CloudUnavailable("away")
    with pytest.raises(CloudUnavailable):
        cloud.generate([Message("user", "Hi?")])
    cloud.embed(["a", "b"])
    cloud.sentiment("a text")
    cloud.sentiment("a text", language="en")
    cloud.recorder.flush()
    found = {(each.capability, each.model): each for each in cloud.used()}
    assert found["generation", ""].calls == 6 and found["generation", ""].failures == 3
    answered = found["generation", "azure-model"]
    assert (answered.input_tokens, answered.output_tokens, answered.cost, answered.currency) == (200, 40, 2.0, "EUR")
    assert (found["text", "sentiment"].units, found["text", "sentiment"].cost) == (6, 3.0)
    assert (found["text", "language"].units, found["text", "language"].cost) == (3, None)
    assert found["embeddings", "azure/l/8"].input_tokens == 20
    cloud.close()


@pytest.mark.parametrize(
    "content",
    [
        "no json",
        "[]",
        '{"models": {}}',
        '{"source": " ", "date": "2026-11-01", "currency": "USD", "models": {}}',
        '{"source": "s", "date": "lately", "currency": "USD", "models": {}}',
        '{"source": "s", "date": "2026-11-01", "currency": "USD", "models": {"m": {"input": 1}}}',
        '{"source": "s", "date": "2026-11-01", "currency": "USD", "models": {"azure/m": {"input": -1}}}',
        '{"source": "s", "date": "2026-11-01", "currency": "USD", "models": {}, "units": {"sentiment": 1}}',
    ],
)
def test_a_table_without_source_or_date_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "prices.json"
    file.write_text(content)
    with pytest.raises(ConfigurationError, match="INTELLICV_CLOUD_PRICES"):
        load_prices(file)


def test_no_table_means_no_costs() -> None:
    assert load_prices(None).cost("azure", "m", 1, 1) is None
    with pytest.raises(ConfigurationError, match="can't be read"):
        load_prices(Path("/nowhere/prices.json"))
