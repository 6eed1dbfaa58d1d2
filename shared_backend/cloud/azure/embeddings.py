"""Vectors from texts by Azure OpenAI."""

from __future__ import annotations

from collections.abc import Sequence

import openai

from shared_backend.cloud.azure.credentials import needed
from shared_backend.cloud.azure.failures import PROVIDER
from shared_backend.cloud.azure.openai_client import SERVICE, asking, tokens
from shared_backend.cloud.contract import Usage, Vectors
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudCorrupted, CloudInvalid
from shared_backend.cloud.inputs import check_embedded
from shared_backend.config.cloud_azure import AzureSettings

# Texts a request: the service takes 2,048, and no more tokens than 300,000 in all.
_BATCH = 128


class AzureEmbeddings:
    """`contract.Embeddings` by one deployment."""

    provider = PROVIDER

    def __init__(self, settings: AzureSettings, client: openai.AzureOpenAI) -> None:
        needed(settings, "openai_embedding_deployment")
        self._deployment = settings.openai_embedding_deployment or ""
        self._model = settings.openai_embedding_model
        self._dimension = settings.openai_embedding_dimension
        self._client = client

    def space(self) -> str:
        """As in the contract. The model, not the deployment: two deployments of one model share a space."""
        return f"{PROVIDER}/{self._model}/{self._dimension}"

    def embed(self, texts: Sequence[str], *, deadline: Deadline) -> Vectors:
        """As in the contract."""
        check_embedded(texts)
        vectors: list[list[float]] = []
        used: int | None = 0
        deadline.check(PROVIDER)
        for start in range(0, len(texts), _BATCH):
            found, count = self._batch(list(texts[start : start + _BATCH]), deadline)
            vectors += found
            used = None if used is None or count is None else used + count
        return Vectors(self.space(), self._dimension, vectors, Usage(input_tokens=used))

    def _batch(self, texts: list[str], deadline: Deadline) -> tuple[list[list[float]], int | None]:
        # Only the third generation lets its vectors be shortened; the others refuse the parameter.
        dimensions = self._dimension if "embedding-3" in self._model else openai.omit
        with asking(deadline):
            answer = self._client.embeddings.create(
                model=self._deployment, input=texts, dimensions=dimensions, encoding_format="float"
            )
            found = sorted(answer.data, key=lambda item: item.index)
            if [item.index for item in found] != list(range(len(texts))):
                raise CloudCorrupted(f"{SERVICE} gave other vectors than were asked for.", provider=PROVIDER)
            vectors = [[float(number) for number in item.embedding] for item in found]
        if any(len(vector) != self._dimension for vector in vectors):
            raise CloudInvalid(
                f"The deployment's vectors have {len(vectors[0])} numbers. Set "
                "INTELLICV_AZURE_OPENAI_EMBEDDING_DIMENSION and INTELLICV_AZURE_OPENAI_EMBEDDING_MODEL to what it is.",
                provider=PROVIDER,
            )
        return vectors, tokens(answer.usage, "prompt_tokens")

    def check(self, *, deadline: Deadline) -> str:
        """One short vector. Answers what was found, in words."""
        return f"the deployment {self._deployment} gives {self.embed(['test'], deadline=deadline).dimension} numbers"
