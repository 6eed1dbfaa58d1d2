"""Text analysis by Azure AI Language."""

from __future__ import annotations

import math
from typing import Any

from azure.ai.textanalytics import TextAnalyticsClient
from azure.core.credentials import AzureKeyCredential

from shared_backend.cloud.azure.credentials import needed, token_credential
from shared_backend.cloud.azure.failures import PROVIDER, calling
from shared_backend.cloud.azure.transport import AzureTransport, client_options
from shared_backend.cloud.contract import DetectedLanguage, Sentiment
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudCorrupted, CloudError, CloudInvalid, CloudUnavailable
from shared_backend.cloud.inputs import check_text
from shared_backend.config.cloud_azure import AzureSettings

SERVICE = "Azure AI Language"
_UNSUPPORTED = frozenset({"UnsupportedLanguageCode", "unsupportedLanguageCode"})
UNKNOWN = "und"


class AzureText:
    """`contract.TextAnalysis`. A language that is not given is detected first: English would be taken for granted."""

    provider = PROVIDER

    def __init__(self, settings: AzureSettings, transport: AzureTransport) -> None:
        needed(settings, "language_endpoint")
        credential: Any
        if settings.credential == "key":
            needed(settings, "language_key")
            assert settings.language_key is not None
            credential = AzureKeyCredential(settings.language_key.get_secret_value())
        else:
            credential = token_credential(settings, transport)
        self._client = TextAnalyticsClient(settings.language_endpoint or "", credential, **client_options(transport))

    def sentiment(self, text: str, *, language: str | None, deadline: Deadline) -> Sentiment:
        """As in the contract."""
        language = self._language_of(text, language, deadline)
        if language == UNKNOWN:
            return Sentiment("unsupported", language=language)
        with calling(SERVICE, deadline):
            (found,) = self._client.analyze_sentiment([{"id": "0", "text": text, "language": language}])
            if found.is_error:
                if found.error.code in _UNSUPPORTED:
                    return Sentiment("unsupported", language=language)
                raise _refusal(found.error)
            scores = found.confidence_scores
            return Sentiment(found.sentiment, scores.positive, scores.neutral, scores.negative, language)  # type: ignore[arg-type]

    def key_phrases(self, text: str, *, language: str | None, deadline: Deadline) -> list[str]:
        """As in the contract. Raises CloudInvalid for a language that the service does not know."""
        language = self._language_of(text, language, deadline)
        if language == UNKNOWN:
            return []
        with calling(SERVICE, deadline):
            (found,) = self._client.extract_key_phrases([{"id": "0", "text": text, "language": language}])
            if found.is_error:
                raise _refusal(found.error)
            within = text.casefold()
            return [phrase for phrase in found.key_phrases if phrase.casefold() in within]

    def language(self, text: str, *, deadline: Deadline) -> DetectedLanguage:
        """As in the contract."""
        check_text(text)
        with calling(SERVICE, deadline):
            # Without "none" the service leans towards what is spoken in the United States.
            (found,) = self._client.detect_language([{"id": "0", "text": text, "country_hint": "none"}])
            if found.is_error:
                raise _refusal(found.error)
            main = found.primary_language
            code = main.iso6391_name.replace("_", "-").split("-")[0].lower()
            if not code.isalpha():
                return DetectedLanguage(UNKNOWN, "Unknown", 0.0)
            return DetectedLanguage(code, main.name, main.confidence_score)

    def _language_of(self, text: str, language: str | None, deadline: Deadline) -> str:
        check_text(text)
        return language or self.language(text, deadline=deadline).code

    def units(self, text: str) -> int:
        """As in the contract: text records, of 1,000 characters each."""
        return max(1, math.ceil(len(text) / 1_000))

    def check(self, *, deadline: Deadline) -> str:
        """One small detection, which is billed as one. Answers what was found, in words."""
        return f"it took a sentence for {self.language('This is a test.', deadline=deadline).name}"


def _refusal(error: Any) -> CloudError:
    code = str(error.code)
    if code in _UNSUPPORTED:
        return CloudInvalid(f"{SERVICE} does not know the text's language.", provider=PROVIDER)
    if code.lower() in ("internalservererror", "serviceunavailable", "timeout"):
        return CloudUnavailable(f"{SERVICE} is failing ({code}).", provider=PROVIDER)
    if code.lower() in ("unknownerror", "emptyresponse"):
        return CloudCorrupted(f"{SERVICE} answered what can't be understood ({code}).", provider=PROVIDER)
    return CloudInvalid(f"{SERVICE} can't take that text ({code}).", provider=PROVIDER)
