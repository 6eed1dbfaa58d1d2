"""How long a CV takes, on 633 PDFs, beside bare pypdfium2; and how many of them are read at all."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import pypdfium2

from benchmarks.cv.data import files
from benchmarks.figures import Figure, Report, percentile
from shared_backend.data_management.complete_data_parser import CompleteDataParser
from shared_backend.data_management.parse_result import ParseResult


def run(report: Report, *, quick: bool) -> None:
    """parsed_share_livecareer, ms_per_cv_*, text_ratio, cvs_per_second_2_workers, peak_rss_mb."""
    chosen = files("livecareer")[:: 12 if quick else 1]
    took: list[float] = []
    bare: list[float] = []
    whole = 0
    lost = []
    with CompleteDataParser() as parser:
        parser.warm()
        for path in chosen:
            begin = time.perf_counter()
            result = parser.parse(path)
            took.append((time.perf_counter() - begin) * 1000)
            bare.append(_bare(path))
            if dated_and_skilled(result):
                whole += 1
            else:
                lost.append(f"{path.stem} {result.outcome.value}")
        memory = parser.peak_rss_mb
    beside = f"{len(chosen)} files; lost: {', '.join(lost[:8]) or 'none'}"
    report.add(Figure("parsed_share_livecareer", round(whole / len(chosen), 4), "", 0.99, "higher", beside))
    p50, p95 = statistics.median(took), percentile(took, 0.95)
    report.add(
        Figure("ms_per_cv_p50", round(p50, 1), "ms", 150, "lower", f"bare text {statistics.median(bare):.1f} ms")
    )
    report.add(Figure("ms_per_cv_p95", round(p95, 1), "ms", 500, "lower", f"bare text {percentile(bare, 0.95):.1f} ms"))
    ratio = sum(took) / sum(bare)
    report.add(Figure("text_ratio", round(ratio, 2), "×", 4, "lower", "through the worker, beside bare pypdfium2 here"))
    report.add(_two(chosen, sum(took) / len(took)))
    report.add(Figure("peak_rss_mb", round(memory, 1), "MB", None, "lower", "one worker, after all of them"))


def dated_and_skilled(result: ParseResult) -> bool:
    """At least one dated job and one skill."""
    sections = result.draft.sections if result.draft else {}
    return any("startDate" in entry for entry in sections.get("work", [])) and bool(sections.get("skills"))


def _bare(path: Path) -> float:
    content = path.read_bytes()
    begin = time.perf_counter()
    document = pypdfium2.PdfDocument(content)
    for page in document:
        text = page.get_textpage()
        text.get_text_range()
        text.close()
        page.close()
    document.close()
    return (time.perf_counter() - begin) * 1000


def _two(chosen: list[Path], alone_ms: float) -> Figure:
    with CompleteDataParser(workers=2) as parser:
        # Both workers are started and warm before the clock is.
        list(parser.parse_many(chosen[:4]))
        begin = time.perf_counter()
        count = sum(1 for _ in parser.parse_many(chosen))
        rate = count / (time.perf_counter() - begin)
    return Figure(
        "cvs_per_second_2_workers", round(rate, 1), "/s", None, "higher", f"one worker {1000 / alone_ms:.1f}/s"
    )
