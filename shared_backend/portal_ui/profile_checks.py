"""What is wrong with a draft, in words for the field that it stands in. The services check again when it is saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from shared_backend.portal_ui.profile_fields import FieldSpec
from shared_backend.portal_ui.profile_sections import SectionSpec

WHOLE = ""  # the name under which a problem of the whole form is kept


def values_of(spec: SectionSpec, texts: Mapping[str, Any]) -> dict[str, Any]:
    """Field name → value to store, None where nothing was typed."""
    return {name: spec.field(name).value(text) for name, text in texts.items()}


def placed(fields: Iterable[FieldSpec], values: Mapping[str, Any], *, keep_none: bool = False) -> dict[str, Any]:
    """The values as the section's object has them: some of them stand in an object of their own."""
    result: dict[str, Any] = {}
    for each in fields:
        if each.name not in values or (values[each.name] is None and not keep_none):
            continue
        holder = result.setdefault(each.under, {}) if each.under else result
        holder[each.name] = values[each.name]
    return result


def problems(spec: SectionSpec, texts: Mapping[str, Any]) -> dict[str, str]:
    """Field name → what is wrong with it, for these texts; empty when all of them can be stored."""
    try:
        spec.model.model_validate(placed(spec.fields, values_of(spec, texts)))
    except ValidationError as error:
        return {_field_of(spec, problem["loc"]): _words(problem) for problem in reversed(error.errors())}
    return {}


def _field_of(spec: SectionSpec, place: tuple[int | str, ...]) -> str:
    names = spec.labels
    return next((str(step) for step in place if step in names), WHOLE)


def _words(problem: Any) -> str:
    context = problem.get("ctx", {})
    where = next((f"Line {step + 1}: it" for step in problem["loc"] if isinstance(step, int)), "It")
    match problem["type"]:
        case "value_error":
            return f"{where} {context['error']}."
        case "string_too_long":
            typed = len(str(problem["input"]))
            return f"{where} has {typed:,} characters; at most {context['max_length']:,} are possible."
        case "too_long":
            return f"It has {context['actual_length']:,} lines; at most {context['max_length']:,} are possible."
    return f"{problem['msg']}."
