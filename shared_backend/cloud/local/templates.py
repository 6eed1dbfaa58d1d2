"""Phrasing where there is no language model: templates that say what they are.

Nothing is made up. A message that is a JSON object of facts is put into sentences (`template:facts`); any other has its
own first sentences given back (`template:extract`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shared_backend.cloud.contract import Generated, Message, ToldUsage
from shared_backend.cloud.deadline import Deadline
from shared_backend.cloud.errors import CloudInvalid
from shared_backend.cloud.inputs import check_messages
from shared_backend.cloud.local.disk import PROVIDER

FACTS_NOTE = "Put together from the facts by a template, without a language model."
EXTRACT_NOTE = (
    "No language model is set up, so nothing was written anew. These sentences are taken as they are from the text."
)
_SENTENCES = 3
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
# The usual measure for English; a template has no tokens of its own.
_CHARS_A_TOKEN = 4


class TemplateGeneration:
    """A `Generation` by templates. The same messages always give the same text; `temperature` changes nothing."""

    provider = PROVIDER

    def generate(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float,
        schema: Mapping[str, Any] | None,
        deadline: Deadline,
    ) -> Generated:
        """See Generation. Raises CloudInvalid where a schema is asked for: a template can't answer a question."""
        check_messages(messages, max_tokens)
        deadline.check(PROVIDER)
        if schema is not None:
            raise CloudInvalid(
                "Templates can't fill in a schema. Set INTELLICV_LOCAL_LLM_URL to a language model's server.",
                provider=PROVIDER,
            )
        model, text = _filled(messages[-1].content)
        longest = max_tokens * _CHARS_A_TOKEN
        if len(text) > longest:
            return Generated(text[:longest].rstrip(), model, "length")
        return Generated(text, model)

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float,
        deadline: Deadline,
        told: ToldUsage | None = None,
    ) -> Iterator[str]:
        """See Generation; word by word. There are no tokens to tell of."""
        whole = self.generate(messages, max_tokens=max_tokens, temperature=temperature, schema=None, deadline=deadline)
        for word in re.findall(r"\S+\s*", whole.text):
            deadline.check(PROVIDER)
            yield word

    def check(self, *, deadline: Deadline) -> str:
        """What it is, in words."""
        deadline.check(PROVIDER)
        return "templates: no language model is set up (INTELLICV_LOCAL_LLM_URL)"


def _filled(content: str) -> tuple[str, str]:
    try:
        facts = json.loads(content)
    except ValueError:
        facts = None
    if isinstance(facts, dict) and facts:
        lines = [
            f"{_words(name)}: {_value(value)}." for name, value in facts.items() if value not in (None, "", [], {})
        ]
        return "template:facts", "\n".join([*lines, "", FACTS_NOTE]).strip()
    sentences = [sentence.strip() for sentence in _SENTENCE.findall(content) if sentence.strip()]
    return "template:extract", f"{EXTRACT_NOTE} {' '.join(sentences[:_SENTENCES])}"


def _words(name: object) -> str:
    text = str(name).replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return ", ".join(_value(part) for part in value)
    if isinstance(value, dict):
        return "; ".join(f"{_words(name).lower()} {_value(part)}" for name, part in value.items())
    return str(value).strip().rstrip(".")
