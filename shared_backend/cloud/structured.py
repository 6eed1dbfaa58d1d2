"""Answers in the shape that was asked for: read from what a model wrote, and held against the schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from shared_backend.cloud.errors import CloudInvalid


def parse_answer(text: str, schema: Mapping[str, Any], *, provider: str) -> Any:
    """The JSON value in `text`, which fits `schema`. Models like to put a fence around it; that is taken off.

    Raises CloudInvalid that says what does not fit, and where.
    """
    from jsonschema import exceptions, validators

    try:
        value = json.loads(_without_fence(text))
    except ValueError:
        raise CloudInvalid("The model was asked for JSON and wrote something else.", provider=provider) from None
    kind = validators.validator_for(schema, default=validators.Draft202012Validator)
    try:
        kind(schema).validate(value)
    except exceptions.ValidationError as error:
        where = ".".join(str(step) for step in error.absolute_path) or "the whole"
        message = f"The model's answer does not fit the schema: {where}: {error.message[:200]}"
        raise CloudInvalid(message, provider=provider) from None
    return value


def check_schema(schema: Mapping[str, Any], *, provider: str) -> None:
    """Raises CloudInvalid for what is no JSON schema, before anybody is asked to keep to it."""
    from jsonschema import exceptions, validators

    try:
        validators.validator_for(schema, default=validators.Draft202012Validator).check_schema(schema)
    except exceptions.SchemaError as error:
        raise CloudInvalid(f"That is not a JSON schema: {error.message[:200]}", provider=provider) from None


def is_closed(schema: Any) -> bool:
    """Whether every object in the schema requires all of its properties and takes no others.

    Only then do OpenAI's servers hold the model to it strictly; they refuse to for any other.
    """
    if isinstance(schema, Mapping):
        if schema.get("type") == "object" or "properties" in schema:
            properties = schema.get("properties", {})
            if schema.get("additionalProperties") is not False or set(schema.get("required", ())) != set(properties):
                return False
        return all(is_closed(part) for part in schema.values())
    return all(is_closed(part) for part in schema) if isinstance(schema, list | tuple) else True


def _without_fence(text: str) -> str:
    text = text.strip()
    if text.startswith("```") and text.endswith("```") and "\n" in text:
        return text[text.index("\n") : -3].strip()
    return text
