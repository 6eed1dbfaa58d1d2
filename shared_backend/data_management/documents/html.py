"""HTML: the text of its blocks. Scripts, styles and whatever is linked stay outside; nothing is fetched."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from shared_backend.data_management.documents.builder import Builder
from shared_backend.data_management.documents.document import Document
from shared_backend.data_management.documents.kind import decoded
from shared_backend.data_management.documents.limits import Limits

_BLOCKS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "header",
        "footer",
        "main",
        "aside",
        "nav",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "table",
        "tr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "br",
        "hr",
        "blockquote",
        "pre",
        "address",
        "figure",
        "form",
        "fieldset",
        "body",
    ]
)
_SILENT = frozenset(
    ["script", "style", "noscript", "template", "head", "svg", "math", "object", "iframe", "select", "option"]
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


class _Reader(HTMLParser):
    def __init__(self, builder: Builder) -> None:
        super().__init__(convert_charrefs=True)
        self.builder = builder
        self._text = ""
        self._silent = 0
        self._bold = 0
        self._bold_letters = 0
        self._heading = ""
        self._bullet = False
        self._link: tuple[int, str] | None = None
        self._links: list[tuple[int, int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag in _BLOCKS:
            self.flush()
            if tag in _HEADINGS:
                self._heading = tag
            self._bullet = tag == "li"
        elif tag in ("td", "th"):
            self._text += "\t" if self._text.strip() else ""
        elif tag in ("b", "strong"):
            self._bold += 1
        elif tag == "a":
            uri = dict(attrs).get("href") or ""
            self._link = (len(self._text), uri) if uri.startswith(("http://", "https://", "mailto:")) else None

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BLOCKS:
            self.flush()
            if tag in ("p", "ul", "ol", "table", "section"):
                self.builder.add("")
        elif tag in ("b", "strong"):
            self._bold = max(0, self._bold - 1)
        elif tag == "a" and self._link is not None:
            if len(self._text) > self._link[0]:
                self._links.append((self._link[0], len(self._text), self._link[1]))
            self._link = None

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        text = re.sub(r"[ \t\r\n\f]+", " ", data)
        if not self._text or self._text.endswith((" ", "\t")):
            text = text.lstrip(" ")
        self._text += text
        self._bold_letters += len(text) if self._bold else 0

    def flush(self) -> None:
        """Ends the paragraph."""
        if self._text.strip():
            bold = self._bold_letters >= 0.8 * len(self._text.strip())
            self.builder.add(
                self._text.rstrip(),
                heading=int(self._heading[1:] or 0),
                bold=bold,
                bullet=self._bullet,
                links=self._links,
            )
        self._text, self._bold_letters, self._heading, self._links, self._link = "", 0, "", [], None


def read_html(content: bytes, limits: Limits) -> Document:
    """A broken page is read as far as it goes, as browsers do."""
    builder = Builder("html", limits.characters)
    reader = _Reader(builder)
    reader.feed(decoded(content)[: 20 * limits.characters])
    reader.close()
    reader.flush()
    return builder.document()
