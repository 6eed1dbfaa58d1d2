"""Markdown: headings, bullets and emphasis are marks, not text."""

from __future__ import annotations

import re

from shared_backend.data_management.documents.builder import Builder
from shared_backend.data_management.documents.document import Document
from shared_backend.data_management.documents.kind import decoded
from shared_backend.data_management.documents.limits import Limits

_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(.*?)\s*#*\s*$")
_RULE = re.compile(r"^\s*(?:[-*_=]\s*){3,}$")
_BULLET = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
_LINK = re.compile(r"!?\[([^\]]*)\]\(([^)\s]*)[^)]*\)")
_MARKS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1|(?<![\w*])([*_])(?=\S)([^*_]+?)(?<=\S)\3(?![\w*])|`([^`]+)`")
_QUOTE = re.compile(r"^\s*>\s?")


def read_markdown(content: bytes, limits: Limits) -> Document:
    """Its text without the marks."""
    builder = Builder("markdown", limits.characters)
    fenced = False
    for raw in decoded(content).replace("\r\n", "\n").split("\n"):
        if raw.strip().startswith(("```", "~~~")):
            fenced = not fenced
            continue
        if _RULE.match(raw) and not fenced:
            builder.add("")
            continue
        heading = _HEADING.match(raw)
        marks = raw.strip()[: len(raw.strip()) - len(raw.strip().lstrip("#"))]
        text = heading[1] if heading else _QUOTE.sub("", raw)
        bullet = bool(_BULLET.match(text)) and not heading
        text = _BULLET.sub("", text) if bullet else text
        if text.startswith("|"):
            if re.fullmatch(r"[|\s:-]+", text):
                continue
            text = "\t".join(part.strip() for part in text.strip().strip("|").split("|"))
        bold = bool(re.fullmatch(r"\s*(\*\*|__).+\1\s*", text))
        text, links = _plain(text)
        builder.add(text, heading=len(marks) if heading else 0, bold=bold, bullet=bullet, links=links)
    return builder.document()


def _plain(text: str) -> tuple[str, list[tuple[int, int, str]]]:
    text = _MARKS.sub(lambda match: match[2] or match[4] or match[5], text)
    text = _MARKS.sub(lambda match: match[2] or match[4] or match[5], text)
    links: list[tuple[int, int, str]] = []
    result, begin = "", 0
    for match in _LINK.finditer(text):
        result += text[begin : match.start()]
        if match[2].startswith(("http://", "https://", "mailto:")):
            links.append((len(result), len(result) + len(match[1]), match[2]))
        result += match[1]
        begin = match.end()
    return result + text[begin:], links
