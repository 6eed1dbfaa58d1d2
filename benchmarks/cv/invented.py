"""Whether anything is made up: every value of every file is looked for in a text that another way read.

That way is bare pypdfium2 (or the marked text itself), letters and digits only, and the addresses of links. Country
codes are looked up, and dates are compared by year and month. The control: drafts held against another person's text.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pypdfium2

from benchmarks.cv.data import annotated, files
from benchmarks.figures import Figure, Report
from shared_backend.data_management.complete_data_parser import CompleteDataParser
from shared_backend.data_management.extraction.dates import MONTHS
from shared_backend.data_management.extraction.draft import Draft, Value


def run(report: Report, *, quick: bool) -> None:
    """invented_values, over PDFs and annotated texts."""
    count = invented = control = 0
    words: list[str] = []
    before: Draft | None = None
    outcomes: dict[str, int] = {}
    with CompleteDataParser() as parser:
        for name, content, text in _everything(quick):
            result = parser.parse(content, name)
            outcomes[result.outcome.value] = outcomes.get(result.outcome.value, 0) + 1
            if result.draft is None:
                continue
            plain = plainly(text)
            for path, one in result.draft.values():
                count += 1
                if not stands(one, plain, result.texts):
                    invented += 1
                    words.append(f"{name}: {path} = {one.text!r}")
            if before is not None:
                control += sum(1 for _, one in before.values() if len(one.spans) < 2 and not stands(one, plain, ()))
            before = result.draft
    beside = (
        f"{count:,} values; outcomes {outcomes}; held against another's text {control:,} would be; "
        f"{'; '.join(words[:5])}"
    )
    report.add(Figure("invented_values", invented, "values", 0, "lower", beside))


def _everything(quick: bool) -> list[tuple[str, bytes, str]]:
    step = 10 if quick else 1
    found = [(path.name, path.read_bytes(), bare_text(path)) for path in files()[::step]]
    return found + [(one.name + ".txt", one.text.encode(), one.text) for one in annotated()[::step]]


def bare_text(path: Path) -> str:
    """All that pypdfium2 gives of a PDF, with the addresses of its links; "" of one that can't be opened."""
    import ctypes

    import pypdfium2.raw as raw

    try:
        document = pypdfium2.PdfDocument(path.read_bytes())
    except pypdfium2.PdfiumError:
        return ""
    parts = []
    for page in document:
        text = page.get_textpage()
        parts.append(text.get_text_range().replace("\ufffe", ""))
        position, link = ctypes.c_int(0), raw.FPDF_LINK()
        while raw.FPDFLink_Enumerate(page.raw, ctypes.byref(position), ctypes.byref(link)):
            action = raw.FPDFLink_GetAction(link)
            size = raw.FPDFAction_GetURIPath(document.raw, action, None, 0) if action else 0
            if size > 1:
                buffer = ctypes.create_string_buffer(size)
                raw.FPDFAction_GetURIPath(document.raw, action, buffer, size)
                parts.append(buffer.value.decode("utf-8", errors="replace"))
    return "\n".join(parts)


def plainly(text: str) -> str:
    """Letters and digits only, without case."""
    return "".join(one for one in unicodedata.normalize("NFKC", text).casefold() if one.isalnum())


def stands(one: Value, plain: str, texts: tuple[str, ...]) -> bool:
    """Whether a value is in a document's text, and so is the source that it names."""
    source = plainly(one.source)
    if "from_link" in one.flags:
        # Its evidence is the address behind the text.
        return plainly(one.text) in plain
    # A title that goes on in the next line may have a date beside it in between: two spans, each of them whole.
    parts = (
        [source] if len(one.spans) < 2 else [plainly(texts[span.page - 1][span.start : span.end]) for span in one.spans]
    )
    if not all(part in plain for part in parts):
        return False
    if one.precision in ("year", "month", "day"):
        return _dated(one.text, one.source)
    if "looked_up" in one.flags:
        return bool(source)
    if one.rule == "contact.phone":
        return plainly(one.text)[-7:] in source
    if one.rule == "publications.doi":
        return plainly(one.text.removeprefix("https://doi.org/")) in plain
    if one.rule == "contact.link.part" and one.text in ("LinkedIn", "GitHub", "Stack Overflow", "Twitter", "Xing"):
        return plainly(one.text) in plain
    return plainly(one.text) in (source if len(one.spans) > 1 else plain)


def _dated(text: str, source: str) -> bool:
    parts = text.split("-")
    numbers = [int(number) for number in re.findall(r"\d+", source)]
    year = int(parts[0])
    if year not in numbers and year % 100 not in numbers:
        return False
    if len(parts) == 1:
        return True
    named = {word.strip(".") for word in re.findall(r"[^\W\d_]+", source.lower())}
    return int(parts[1]) in numbers or bool(named & set(MONTHS[int(parts[1])].split()))
