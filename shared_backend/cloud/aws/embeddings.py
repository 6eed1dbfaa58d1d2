"""Vectors from texts by Amazon Bedrock: Titan's and Cohere's models."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from shared_backend.cloud.aws.clients import AwsClients, needed
from shared_backend.cloud.aws.failures import PROVIDER, calling
from shared_backend.cloud.contract import Usage, Vectors
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudCorrupted, CloudInvalid, CloudNotConfigured
from shared_backend.cloud.inputs import check_embedded
from shared_backend.config.cloud_aws import AwsSettings

SERVICE = "Amazon Bedrock"
# Cohere's models take so many texts a call; Titan's take one, so that several calls run at once.
_BATCH, _THREADS = 96, 8
_FAMILIES = re.compile(r"(?:amazon\.titan-embed-text|cohere\.embed)[^/]*$")


class BedrockEmbeddings:
    """`contract.Embeddings` by one model."""

    provider = PROVIDER

    def __init__(self, settings: AwsSettings, clients: AwsClients) -> None:
        needed(settings, "region", "bedrock_embedding_model")
        self._model = settings.bedrock_embedding_model or ""
        self._dimension = settings.bedrock_embedding_dimension
        known = _FAMILIES.search(self._model)
        if known is None:
            raise CloudNotConfigured(
                "INTELLICV_AWS_BEDROCK_EMBEDDING_MODEL names a model of neither amazon.titan-embed-text-… nor "
                "cohere.embed-…; others are not known here.",
                provider=PROVIDER,
            )
        self._name = known[0]
        self._is_cohere = self._name.startswith("cohere.")
        self._client = clients.get("bedrock-runtime")

    def space(self) -> str:
        """As in the contract. A profile of a region (`eu.cohere…`) serves the same model, so it shares the space."""
        return f"{PROVIDER}/{self._name}/{self._dimension}"

    def embed(self, texts: Sequence[str], *, deadline: Deadline) -> Vectors:
        """As in the contract."""
        check_embedded(texts)
        deadline.check(PROVIDER)
        size = _BATCH if self._is_cohere else 1
        batches = [list(texts[start : start + size]) for start in range(0, len(texts), size)]
        if len(batches) < 2:
            answers = [self._batch(batch, deadline) for batch in batches]
        else:
            with ThreadPoolExecutor(min(_THREADS, len(batches)), thread_name_prefix="bedrock") as pool:
                answers = list(pool.map(lambda batch: self._batch(batch, deadline), batches))
        used = [count for _, count in answers]
        total = sum(count or 0 for count in used) if None not in used else None
        vectors = [vector for found, _ in answers for vector in found]
        return Vectors(self.space(), self._dimension, vectors, Usage(input_tokens=total))

    def _batch(self, texts: list[str], deadline: Deadline) -> tuple[list[list[float]], int | None]:
        asked: dict[str, Any] = {"inputText": texts[0]}
        if self._is_cohere:
            asked = {"texts": texts, "input_type": "search_document", "truncate": "END"}
            if "embed-v4" in self._model:
                asked |= {"embedding_types": ["float"], "output_dimension": self._dimension}
        elif "-v1" not in self._model:
            # The second generation lets its vectors be shortened; the first refuses the parameter.
            asked |= {"dimensions": self._dimension, "normalize": True}
        with calling(SERVICE, deadline):
            answer = self._client.invoke_model(
                modelId=self._model, contentType="application/json", accept="application/json", body=json.dumps(asked)
            )
            found = json.loads(answer["body"].read())
            embeddings = found["embeddings"] if self._is_cohere else [found["embedding"]]
            if isinstance(embeddings, dict):
                embeddings = embeddings["float"]
            vectors = [[float(number) for number in vector] for vector in embeddings]
            headers = answer["ResponseMetadata"]["HTTPHeaders"]
            count = found.get("inputTextTokenCount") or headers.get("x-amzn-bedrock-input-token-count")
        if len(vectors) != len(texts):
            raise CloudCorrupted(f"{SERVICE} gave other vectors than were asked for.", provider=PROVIDER)
        if any(len(vector) != self._dimension for vector in vectors):
            raise CloudInvalid(
                f"The model's vectors have {len(vectors[0])} numbers. Set "
                "INTELLICV_AWS_BEDROCK_EMBEDDING_DIMENSION to what it is.",
                provider=PROVIDER,
            )
        return vectors, None if count is None else int(count)

    def check(self, *, deadline: Deadline) -> str:
        """One short vector. Answers what was found, in words."""
        return f"the model {self._model} gives {self.embed(['test'], deadline=deadline).dimension} numbers"
