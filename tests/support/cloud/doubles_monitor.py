"""Application Insights' ingestion, as its wire protocol has it."""

from __future__ import annotations

import gzip
import json
from typing import Any

from tests.support.cloud.doubles_key_vault import answer
from tests.support.cloud.proxy import Request, Response

INSTRUMENTATION_KEY = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
HOST = "westeurope-5.in.applicationinsights.azure.com"
CONNECTION_STRING = f"InstrumentationKey={INSTRUMENTATION_KEY};IngestionEndpoint=https://{HOST}/"


class MonitorDouble:
    """Keeps what it is sent, oldest first."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []

    def __call__(self, request: Request) -> Response:
        if not request.path.endswith("/track") or request.method != "POST":
            return answer(404, {"error": "not_found"})
        zipped = request.headers.get("content-encoding") == "gzip"
        items = json.loads(gzip.decompress(request.body) if zipped else request.body)
        known = [item for item in items if item.get("iKey") == INSTRUMENTATION_KEY]
        if len(known) != len(items):
            return answer(400, {"itemsReceived": len(items), "itemsAccepted": 0, "errors": []})
        self.items += items
        return answer(200, {"itemsReceived": len(items), "itemsAccepted": len(items), "errors": []})

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The data of those of a kind: MetricData, EventData, RemoteDependencyData."""
        return [item["data"]["baseData"] for item in self.items if item["data"]["baseType"] == kind]
