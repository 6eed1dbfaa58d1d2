"""What every provider asks of the texts that it is given, so that whatever one takes the others take too."""

from __future__ import annotations

from collections.abc import Sequence

from shared_backend.cloud.contract import Message
from shared_backend.cloud.errors import CloudInvalid

MAX_TEXT_CHARS = 5_000
# Azure OpenAI takes 2,048 inputs a call.
MAX_EMBEDDED = 2_048


def check_text(text: str) -> str:
    """A text for analysis as it is: something in it, and up to 5,000 characters. Raises CloudInvalid."""
    if not text.strip():
        raise CloudInvalid("There is nothing to analyse: the text is empty.")
    if len(text) > MAX_TEXT_CHARS:
        raise CloudInvalid(f"A text for analysis has up to {MAX_TEXT_CHARS:,} characters; this one has {len(text):,}.")
    return text


def check_messages(messages: Sequence[Message], max_tokens: int) -> Sequence[Message]:
    """A conversation as it is: something is said, last by the user, and something may be answered.

    Raises CloudInvalid.
    """
    if not messages or messages[-1].role != "user" or not messages[-1].content.strip():
        raise CloudInvalid("A conversation ends with a message of the user that says something.")
    if max_tokens < 1:
        raise CloudInvalid("An answer has at least one token.")
    return messages


def check_embedded(texts: Sequence[str]) -> Sequence[str]:
    """Texts for embedding as they are: up to 2,048, and something in each. Raises CloudInvalid."""
    if len(texts) > MAX_EMBEDDED:
        raise CloudInvalid(f"Up to {MAX_EMBEDDED:,} texts are embedded in one call; these are {len(texts):,}.")
    if any(not text.strip() for text in texts):
        raise CloudInvalid("A text without anything in it can't be embedded.")
    return texts
