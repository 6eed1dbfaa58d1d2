"""This machine as a cloud, by plain calls: files, secrets, texts, a language model, embeddings, metrics.

    storage = LocalStorageProvider()
    storage.save(b"...", "cv/ada.pdf")

Behind it stands `shared_backend.cloud.local`; whatever goes wrong is a CloudError.
"""

from __future__ import annotations

import hashlib
import io
import mimetypes
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pydantic import SecretStr

from shared_backend.cloud.contract import BlobInfo, Condition, Generation, Message
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudInvalid
from shared_backend.cloud.local.embeddings import LocalEmbeddings
from shared_backend.cloud.local.provider import LocalProvider, local_provider
from shared_backend.config.cloud_config import CloudSettings, load_cloud_settings
from shared_backend.services.backend import get_backend
from shared_backend.services.embedding_texts import embedding_texts

_PAGE = 1000


class LocalStorageProvider:
    """The local provider by its given name. Without arguments it is the one of this process's settings."""

    def __init__(self, provider: LocalProvider | None = None, *, settings: CloudSettings | None = None) -> None:
        self._cloud = settings or load_cloud_settings()
        if provider is None:
            backend = get_backend()
            provider = local_provider(self._cloud, backend.settings, backend.database)
        self.provider = provider

    def save(
        self,
        data: bytes,
        path: str,
        *,
        content_type: str | None = None,
        metadata: Mapping[str, str] | None = None,
        overwrite: bool = True,
    ) -> str:
        """Stores bytes, all or nothing, and answers their path. Raises CloudAlreadyExists when not to `overwrite`."""
        self.provider.blobs.put(
            path,
            io.BytesIO(data),
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            content_type=content_type or mimetypes.guess_type(path)[0] or "application/octet-stream",
            metadata=metadata or {},
            condition=Condition() if overwrite else Condition("absent"),
            deadline=self._deadline("blobs"),
        )
        return path

    def load(self, path: str) -> bytes:
        """The bytes. Raises CloudNotFound, and CloudCorrupted for a file that is not what was saved."""
        with self.provider.blobs.open(path, deadline=self._deadline("blobs")) as (_, chunks):
            return b"".join(chunks)

    def info(self, path: str) -> BlobInfo:
        """Size, checksum, type, metadata and time of a file. Raises CloudNotFound."""
        return self.provider.blobs.stat(path, deadline=self._deadline("blobs"))

    def list_files(self, prefix: str = "") -> list[str]:
        """All paths that begin so, in order."""
        found: list[str] = []
        after: str | None = None
        while True:
            page = self.provider.blobs.list(prefix, after=after, limit=_PAGE, deadline=self._deadline("blobs"))
            found += [info.path for info in page.items]
            if page.after is None:
                return found
            after = page.after

    def delete(self, path: str) -> None:
        """Removes a file. Raises CloudNotFound."""
        self.provider.blobs.delete(path, condition=Condition(), deadline=self._deadline("blobs"))

    def get_link(self, path: str, seconds: int = 3600) -> str:
        """An address at which the file can be downloaded without signing in, for so many seconds."""
        return self.provider.blobs.link(path, seconds=seconds, deadline=self._deadline("blobs"))

    def get_secret(self, name: str, version: str | None = None) -> str:
        """The value of a secret's newest version, or of that one. Raises CloudNotFound."""
        found = self.provider.secrets.get(name, version=version, deadline=self._deadline("secrets"))
        return found.value.get_secret_value()

    def set_secret(self, name: str, value: str) -> str:
        """Writes a new version and answers its name."""
        return self.provider.secrets.set(name, SecretStr(value), deadline=self._deadline("secrets")).version

    def list_secrets(self) -> list[str]:
        """The names of all secrets."""
        return [info.name for info in self.provider.secrets.list(deadline=self._deadline("secrets"))]

    def analyze_text_sentiment(self, text: str, language: str | None = None) -> dict[str, Any]:
        """`label`, `positive`, `neutral`, `negative`, `language`; the label is unsupported for what is not English."""
        return asdict(self.provider.text.sentiment(text, language=language, deadline=self._deadline("text")))

    def extract_key_phrases(self, text: str, language: str | None = None) -> list[str]:
        """What the text is about, most important first."""
        return self.provider.text.key_phrases(text, language=language, deadline=self._deadline("text"))

    def detect_language(self, text: str) -> dict[str, Any]:
        """`code` (und where it can't be told), `name`, `confidence`."""
        return asdict(self.provider.text.language(text, deadline=self._deadline("text")))

    def get_local_llm(self) -> Generation:
        """What generates text on this machine: the server of INTELLICV_LOCAL_LLM_URL, or templates that say so."""
        return self.provider.generation

    def generate_content(
        self,
        prompt: str,
        *,
        system: str = "",
        max_tokens: int = 800,
        temperature: float = 0.2,
        schema: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """`text`, `model` (template:… without a language model), `finish_reason`, and `parsed` for a schema."""
        messages = [Message("system", system)] if system else []
        found = self.get_local_llm().generate(
            [*messages, Message("user", prompt)],
            max_tokens=max_tokens,
            temperature=temperature,
            schema=schema,
            deadline=self._deadline("generation"),
        )
        return {
            "text": found.text,
            "model": found.model,
            "finish_reason": found.finish_reason,
            "parsed": found.parsed,
        }

    def get_embeddings(self, texts: Sequence[str]) -> dict[str, Any]:
        """`vectors` in the order of the texts, with the `space` they are in and its `dimension`."""
        found = self.provider.embeddings.embed(texts, deadline=self._deadline("embeddings"))
        return {"space": found.space, "dimension": found.dimension, "vectors": found.vectors}

    def train_embeddings(self, texts: Iterable[str] | None = None) -> str:
        """Trains from these texts, or from what the profiles say of work, and answers the new space's name.

        Vectors that were kept from the space before are to be made again. Raises CloudInvalid for fewer than 50 texts.
        """
        own = self.provider.embeddings
        if not isinstance(own, LocalEmbeddings):
            raise CloudInvalid(
                "The embeddings come from the model in INTELLICV_LOCAL_EMBEDDING_FOLDER, which is not trained here."
            )
        return own.train(embedding_texts(self.provider.database) if texts is None else texts)

    def log_metric(self, name: str, value: float, unit: str = "", attributes: Mapping[str, str] | None = None) -> None:
        """Keeps a measurement. Never raises and never waits."""
        self.provider.monitoring.metric(name, value, unit=unit, attributes=attributes or {})

    def log_event(self, name: str, attributes: Mapping[str, str] | None = None) -> None:
        """Keeps that something happened. Never raises and never waits."""
        self.provider.monitoring.event(name, attributes or {})

    def close(self) -> None:
        """Writes what monitoring still has, and closes connections."""
        self.provider.close()

    def _deadline(self, capability: str) -> Deadline:
        return Deadline(self._cloud.deadline_s(capability))


def get_local_llm() -> Generation:
    """What generates text on this machine, from this process's settings."""
    return LocalStorageProvider().get_local_llm()
