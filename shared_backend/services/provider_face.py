"""What providers by their given names have in common: plain values in and out, each call with its deadline."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from shared_backend.cloud.contract import (
    BlobStore,
    Capability,
    Condition,
    Embeddings,
    Generation,
    Message,
    Monitoring,
    SecretStore,
    TextAnalysis,
)
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.parted import PartedProvider
from shared_backend.config.cloud_config import CloudSettings


class ProviderFace:
    """A provider's services. Every method raises CloudError: CloudNotConfigured names the missing setting or package.

    Each call has the deadline that the settings give its capability.
    """

    def __init__(self, settings: CloudSettings, provider: PartedProvider) -> None:
        self._settings = settings
        self._offers = provider

    def _deadline(self, capability: Capability) -> Deadline:
        return Deadline(self._settings.deadline_s(capability.value))

    def _upload(
        self,
        data: bytes,
        path: str,
        *,
        content_type: str = "application/octet-stream",
        metadata: Mapping[str, str] | None = None,
        overwrite: bool = True,
    ) -> str:
        """Stores the bytes and answers the path. Raises CloudAlreadyExists unless it may overwrite."""
        blobs: BlobStore = self._offers.offer(Capability.BLOBS)
        info = blobs.put(
            path,
            io.BytesIO(data),
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            content_type=content_type,
            metadata=metadata or {},
            condition=Condition() if overwrite else Condition("absent"),
            deadline=self._deadline(Capability.BLOBS),
        )
        return info.path

    def _download(self, path: str) -> bytes:
        """The bytes, checked against their SHA-256. Raises CloudNotFound, CloudCorrupted."""
        blobs: BlobStore = self._offers.offer(Capability.BLOBS)
        with blobs.open(path, deadline=self._deadline(Capability.BLOBS)) as (_, chunks):
            return b"".join(chunks)

    def _list(self, prefix: str = "") -> list[dict[str, Any]]:
        """All blobs whose path begins so: path, size (bytes), sha256, content_type, modified_at (ISO)."""
        blobs: BlobStore = self._offers.offer(Capability.BLOBS)
        deadline, after, found = self._deadline(Capability.BLOBS), None, list[dict[str, Any]]()
        while True:
            page = blobs.list(prefix, after=after, limit=1000, deadline=deadline)
            found += [
                {
                    "path": item.path,
                    "size": item.size,
                    "sha256": item.sha256,
                    "content_type": item.content_type,
                    "modified_at": item.modified_at.isoformat(),
                }
                for item in page.items
            ]
            if (after := page.after) is None:
                return found

    def _delete(self, path: str) -> None:
        """Raises CloudNotFound."""
        blobs: BlobStore = self._offers.offer(Capability.BLOBS)
        blobs.delete(path, condition=Condition(), deadline=self._deadline(Capability.BLOBS))

    def analyze_text_sentiment(self, text: str, language: str | None = None) -> dict[str, Any]:
        """label (positive, neutral, negative, mixed, unsupported), the three scores (0 to 1) and the language."""
        analysis: TextAnalysis = self._offers.offer(Capability.TEXT)
        found = analysis.sentiment(text, language=language, deadline=self._deadline(Capability.TEXT))
        scores = {"positive": found.positive, "neutral": found.neutral, "negative": found.negative}
        return {"label": found.label, "scores": scores, "language": found.language}

    def extract_key_phrases(self, text: str, language: str | None = None) -> list[str]:
        """What the text is about."""
        analysis: TextAnalysis = self._offers.offer(Capability.TEXT)
        return analysis.key_phrases(text, language=language, deadline=self._deadline(Capability.TEXT))

    def detect_language(self, text: str) -> dict[str, Any]:
        """code (ISO 639-1, `und` where it can't be told), name and confidence (0 to 1)."""
        analysis: TextAnalysis = self._offers.offer(Capability.TEXT)
        found = analysis.language(text, deadline=self._deadline(Capability.TEXT))
        return {"code": found.code, "name": found.name, "confidence": found.confidence}

    def generate_content(
        self,
        prompt: str,
        *,
        system: str = "",
        max_tokens: int = 800,
        temperature: float = 0.2,
        schema: Mapping[str, Any] | None = None,
    ) -> Any:
        """The text that answers the prompt; with a JSON schema, the value that fits it."""
        generation: Generation = self._offers.offer(Capability.GENERATION)
        messages = [Message("system", system)] if system else []
        answer = generation.generate(
            [*messages, Message("user", prompt)],
            max_tokens=max_tokens,
            temperature=temperature,
            schema=schema,
            deadline=self._deadline(Capability.GENERATION),
        )
        return answer.text if schema is None else answer.parsed

    def get_embeddings(self, texts: str | list[str]) -> list[list[float]]:
        """One vector a text, in order; all of the space that the settings name."""
        embeddings: Embeddings = self._offers.offer(Capability.EMBEDDINGS)
        given = [texts] if isinstance(texts, str) else texts
        return embeddings.embed(given, deadline=self._deadline(Capability.EMBEDDINGS)).vectors

    def get_secret(self, name: str, version: str | None = None) -> str:
        """The value. Raises CloudNotFound."""
        secrets: SecretStore = self._offers.offer(Capability.SECRETS)
        found = secrets.get(name, version=version, deadline=self._deadline(Capability.SECRETS))
        return found.value.get_secret_value()

    def set_secret(self, name: str, value: str) -> str:
        """Writes a new version and answers its name."""
        secrets: SecretStore = self._offers.offer(Capability.SECRETS)
        return secrets.set(name, SecretStr(value), deadline=self._deadline(Capability.SECRETS)).version

    def list_secrets(self) -> list[dict[str, str]]:
        """name, version and created_at (ISO) of each; never a value."""
        secrets: SecretStore = self._offers.offer(Capability.SECRETS)
        found = secrets.list(deadline=self._deadline(Capability.SECRETS))
        return [
            {"name": info.name, "version": info.version, "created_at": info.created_at.isoformat()} for info in found
        ]

    def log_metric(self, name: str, value: float, unit: str = "", **attributes: str) -> None:
        """One measurement. Returns at once; a thread sends it."""
        monitoring: Monitoring = self._offers.offer(Capability.MONITORING)
        monitoring.metric(name, value, unit=unit, attributes=attributes)

    def log_event(self, name: str, attributes: Mapping[str, str] | None = None) -> None:
        """Something happened. Returns at once; a thread sends it."""
        monitoring: Monitoring = self._offers.offer(Capability.MONITORING)
        monitoring.event(name, attributes or {})

    def close(self) -> None:
        """Sends what waits, within its deadline, and closes connections."""
        if Capability.MONITORING in self._offers.capabilities():
            monitoring: Monitoring = self._offers.offer(Capability.MONITORING)
            monitoring.flush(deadline=self._deadline(Capability.MONITORING))
        self._offers.close()
