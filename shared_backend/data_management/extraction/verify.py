"""The last look: what does not stand in the document is not in the draft.

Normalisation: Unicode's compatible forms, no case, letters and digits only (so neither white space nor hyphens nor
punctuation count); a date is in the document when its year and its month are; a telephone number when its digits are.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from shared_backend.data_management.documents.document import Document
from shared_backend.data_management.extraction.dates import _months
from shared_backend.data_management.extraction.draft import Draft, Value

_OTHER = re.compile(r"[\W_]+")


def normalised(text: str) -> str:
    """Letters and digits only, without case."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return _OTHER.sub("", plain.casefold())


def verified(draft: Draft, document: Document) -> int:
    """Takes out what is not there; how many values that were."""
    pages = {page.number: page.text for page in document.pages}
    uris = normalised(" ".join(link.uri for page in document.pages for link in page.links))
    dropped = 0

    def stands(one: Value) -> bool:
        quoted = "".join(pages.get(span.page, "")[span.start : span.end] for span in one.spans)
        if "from_link" in one.flags:
            return normalised(one.text) in uris
        source = normalised(quoted)
        if one.source != quoted and normalised(one.source) != source:
            return False
        if "looked_up" in one.flags:
            return bool(quoted)
        if one.precision in ("year", "month", "day"):
            return _dated(one.text, quoted)
        if one.rule == "contact.phone":
            return re.sub(r"\D", "", one.text).endswith(re.sub(r"\D", "", quoted).lstrip("0")[-7:])
        if one.rule == "publications.doi":
            return normalised(one.text.removeprefix("https://doi.org/")) in source
        told = source if one.text == quoted else normalised(one.text)
        return bool(told) and told in source

    def kept(node: Any) -> Any:
        nonlocal dropped
        if isinstance(node, Value):
            if stands(node):
                return node
            dropped += 1
            return None
        if isinstance(node, list):
            return [one for one in map(kept, node) if one]
        return {key: one for key, old in node.items() if (one := kept(old))}

    draft.basics = kept(draft.basics)
    draft.sections = {
        section: some
        for section, entries in draft.sections.items()
        if (some := [one for one in map(kept, entries) if one])
    }
    return dropped


def _dated(text: str, quoted: str) -> bool:
    year, _, rest = text.partition("-")
    numbers = re.findall(r"\d+", quoted)
    if not any(number == year or number[-2:] == year[-2:] for number in numbers):
        return False
    if not rest:
        return True
    month = int(rest[:2])
    words = re.findall(r"[^\W\d_]+", quoted.lower())
    return any(_months().get(word) == month for word in words) or any(int(number) == month for number in numbers)
