"""Key Vault and the sign-in before it, as their wire protocols have them."""

from __future__ import annotations

import json
import threading
import time
import uuid
from typing import Any
from urllib.parse import parse_qs

from tests.support.cloud.proxy import Request, Response

TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT = "66666666-7777-8888-9999-000000000000"
CLIENT_SECRET = "the-application's-secret"
_TOKEN = "token-for-"


def answer(status: int, value: Any, **headers: str) -> Response:
    return Response(status, json.dumps(value).encode(), {"Content-Type": "application/json; charset=utf-8", **headers})


class EntraDouble:
    """login.microsoftonline.com: one tenant, one application."""

    def __call__(self, request: Request) -> Response:
        base = f"https://{request.host}/{TENANT}"
        if request.path.endswith("/.well-known/openid-configuration"):
            return answer(
                200,
                {
                    "issuer": f"{base}/v2.0",
                    "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                    "token_endpoint": f"{base}/oauth2/v2.0/token",
                    "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                },
            )
        if request.path == f"/{TENANT}/oauth2/v2.0/token" and request.method == "POST":
            given = {key: values[0] for key, values in parse_qs(request.body.decode()).items()}
            if (given.get("client_id"), given.get("client_secret")) != (CLIENT, CLIENT_SECRET):
                return answer(
                    401,
                    {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided."},
                )
            resource = given["scope"].removesuffix("/.default")
            return answer(200, {"token_type": "Bearer", "expires_in": 3599, "access_token": _TOKEN + resource})
        return answer(404, {"error": "not_found"})


class KeyVaultDouble:
    """A vault with soft-delete. Deleting and purging take `lag` more requests, as they take seconds elsewhere."""

    def __init__(self, *, lag: int = 1, page: int = 3) -> None:
        self._lag = lag
        self._page = page
        self._lock = threading.Lock()
        self._secrets: dict[str, list[dict[str, Any]]] = {}
        self._deleted: dict[str, list[dict[str, Any]]] = {}
        # Requests left until it is so.
        self._deleting: dict[str, int] = {}
        self._purging: dict[str, int] = {}

    def __call__(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {_TOKEN}https://vault.azure.net":
            challenge = f'Bearer authorization="https://login.microsoftonline.com/{TENANT}", '
            challenge += 'resource="https://vault.azure.net"'
            return answer(
                401, {"error": {"code": "Unauthorized", "message": "AKV10000"}}, **{"WWW-Authenticate": challenge}
            )
        with self._lock:
            return self._route(request)

    def _route(self, request: Request) -> Response:
        match [request.method, *request.path.strip("/").split("/")]:
            case ["GET", "secrets"]:
                heads = [self._shown(request, name, found[-1], version=False) for name, found in self._secrets.items()]
                return self._listed(request, sorted(heads, key=lambda item: str(item["id"])))
            case ["GET", "secrets", name, "versions"]:
                # In the order of their random names, which is how a vault lists them.
                found = sorted(self._secrets.get(name, []), key=lambda item: str(item["version"]))
                return self._listed(request, [self._shown(request, name, item) for item in found])
            case ["PUT", "secrets", name]:
                return self._put(request, name)
            case ["GET", "secrets", name, *version]:
                return self._get(request, name, version[0] if version else "")
            case ["DELETE", "secrets", name]:
                return self._delete(request, name)
            case ["GET", "deletedsecrets", name]:
                return self._get_deleted(request, name)
            case ["DELETE", "deletedsecrets", name] if name in self._deleted and name not in self._deleting:
                self._purging.setdefault(name, self._lag)
                return Response(204)
        return self._missing()

    @staticmethod
    def _missing() -> Response:
        return answer(
            404, {"error": {"code": "SecretNotFound", "message": "A secret was not found in this key vault."}}
        )

    @staticmethod
    def _shown(request: Request, name: str, item: dict[str, Any], *, version: bool = True) -> dict[str, Any]:
        path = f"{name}/{item['version']}" if version else name
        return {"id": f"https://{request.host}/secrets/{path}", "attributes": item["attributes"], "tags": item["tags"]}

    def _listed(self, request: Request, items: list[dict[str, Any]]) -> Response:
        start = int(request.query.get("$skiptoken", "0"))
        end = start + self._page
        more = f"https://{request.host}{request.path}?api-version=7.4&$skiptoken={end}" if end < len(items) else None
        return answer(200, {"value": items[start:end], "nextLink": more})

    def _put(self, request: Request, name: str) -> Response:
        if name in self._deleted:
            self._step(name)
        if name in self._deleted:
            inner = "ObjectIsBeingDeleted" if name in self._deleting or name in self._purging else None
            inner = inner or "ObjectIsDeletedButRecoverable"
            return answer(409, {"error": {"code": "Conflict", "message": "…", "innererror": {"code": inner}}})
        body, now = json.loads(request.body), int(time.time())
        attributes = {"enabled": True, "created": now, "updated": now, "recoveryLevel": "Recoverable+Purgeable"}
        item = {
            "version": uuid.uuid4().hex,
            "value": body["value"],
            "tags": body.get("tags") or {},
            "attributes": attributes,
        }
        self._secrets.setdefault(name, []).append(item)
        return answer(200, {**self._shown(request, name, item), "value": item["value"]})

    def _get(self, request: Request, name: str, version: str) -> Response:
        for item in reversed(self._secrets.get(name, [])):
            if version in ("", item["version"]):
                return answer(200, {**self._shown(request, name, item), "value": item["value"]})
        return self._missing()

    def _delete(self, request: Request, name: str) -> Response:
        if name not in self._secrets:
            return self._missing()
        self._deleted[name] = self._secrets.pop(name)
        self._deleting[name] = self._lag
        return answer(200, self._tomb(request, name))

    def _tomb(self, request: Request, name: str) -> dict[str, Any]:
        now = int(time.time())
        return {
            **self._shown(request, name, self._deleted[name][-1]),
            "recoveryId": f"https://{request.host}/deletedsecrets/{name}",
            "deletedDate": now,
            "scheduledPurgeDate": now + 90 * 86400,
        }

    def _step(self, name: str) -> None:
        for going, done in ((self._deleting, None), (self._purging, self._deleted)):
            if name in going:
                going[name] -= 1
                if going[name] < 0:
                    del going[name]
                    if done is not None:
                        done.pop(name, None)

    def _get_deleted(self, request: Request, name: str) -> Response:
        if name not in self._deleted:
            return self._missing()
        was_deleting = name in self._deleting
        self._step(name)
        if name not in self._deleted or (was_deleting and name in self._deleting):
            return self._missing()
        return answer(200, self._tomb(request, name))
