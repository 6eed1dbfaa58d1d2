"""A profile as a plain DOCX: headings, paragraphs and lists of the word processor's own styles, without a library."""

from __future__ import annotations

import io
import re
import zipfile
from calendar import month_name
from collections.abc import Iterator
from typing import Any, Final
from xml.sax.saxutils import escape

_W: Final = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_UNWRITABLE: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# All files of one archive are dated so: the same profile gives the same bytes.
_DATED: Final = (1980, 1, 1, 0, 0, 0)
_TITLES: Final = {
    "work": "Work experience",
    "education": "Education",
    "projects": "Projects",
    "volunteer": "Volunteering",
    "skills": "Skills",
    "languages": "Languages",
    "certificates": "Certificates",
    "awards": "Awards",
    "publications": "Publications",
    "interests": "Interests",
    "references": "References",
}
_HEADINGS: Final = {
    "work": ("position", "name", "location"),
    "education": ("studyType", "area", "institution"),
    "projects": ("name", "entity"),
    "volunteer": ("position", "organization"),
    "certificates": ("name", "issuer"),
    "awards": ("title", "awarder"),
    "publications": ("name", "publisher"),
    "references": ("name",),
}
_PROSE: Final = ("summary", "description", "reference", "score")
_LINES: Final = ("highlights", "courses")
_STYLES: Final = f"""<?xml version="1.0" encoding="UTF-8"?>
<w:styles {_W}>
<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:cs="Calibri"/><w:sz w:val="22"/>
</w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="80"/></w:pPr></w:pPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:rPr><w:b/><w:sz w:val="40"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:pPr><w:keepNext/>
<w:spacing w:before="280"/><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/><w:sz w:val="28"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Entry"><w:name w:val="Entry"/><w:pPr><w:keepNext/>
<w:spacing w:before="120"/></w:pPr><w:rPr><w:b/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="ListBullet"><w:name w:val="List Bullet"/><w:pPr>
<w:ind w:left="360" w:hanging="240"/>
</w:pPr></w:style></w:styles>"""
_TYPES: Final = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>
</Types>"""  # noqa: E501
_RELATIONS: Final = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/></Relationships>"""  # noqa: E501


def docx(data: dict[str, Any]) -> bytes:
    """The file. The same profile gives the same bytes."""
    body = "".join(_paragraph(style, text) for style, text in _paragraphs(data))
    page = '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134"/></w:sectPr>'  # noqa: E501
    document = f'<?xml version="1.0" encoding="UTF-8"?><w:document {_W}><w:body>{body}{page}</w:body></w:document>'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (
            ("[Content_Types].xml", _TYPES),
            ("_rels/.rels", _RELATIONS.format(kind="officeDocument", target="word/document.xml")),
            ("word/_rels/document.xml.rels", _RELATIONS.format(kind="styles", target="styles.xml")),
            ("word/styles.xml", _STYLES),
            ("word/document.xml", document),
        ):
            archive.writestr(zipfile.ZipInfo(name, _DATED), text, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _paragraphs(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    basics = data.get("basics") or {}
    location = basics.get("location") or {}
    yield "Title", str(basics.get("name") or "")
    yield "Normal", str(basics.get("label") or "")
    place = [location.get(name) for name in ("address", "postalCode", "city", "region", "countryCode")]
    contact = [
        ", ".join(str(part) for part in place if part),
        basics.get("email"),
        basics.get("phone"),
        basics.get("url"),
    ]
    contact += [each.get("url") or _named(each, ("network", "username")) for each in basics.get("profiles") or []]
    yield "Normal", " | ".join(str(part) for part in contact if part)
    yield from (("Normal", part) for part in str(basics.get("summary") or "").splitlines())
    for section, title in _TITLES.items():
        entries = data.get(section) or []
        if entries:
            yield "Heading1", title
            yield from _section(section, entries)


def _section(section: str, entries: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    if section not in _HEADINGS:
        for entry in entries:
            named = _named(entry, ("name", "language", "level", "fluency"))
            yield "ListBullet", ": ".join(part for part in (named, ", ".join(entry.get("keywords") or [])) if part)
        return
    for entry in entries:
        yield "Entry", _named(entry, _HEADINGS[section])
        yield "Normal", _when(entry)
        for name in _PROSE:
            yield from (("Normal", part) for part in str(entry.get(name) or "").splitlines())
        for name in _LINES:
            yield from (("ListBullet", str(line)) for line in entry.get(name) or [])
        yield "Normal", str(entry.get("url") or "")


def _named(entry: dict[str, Any], names: tuple[str, ...]) -> str:
    return ", ".join(str(entry[name]) for name in names if entry.get(name))


def _when(entry: dict[str, Any]) -> str:
    start, end = _date(entry.get("startDate")), _date(entry.get("endDate"))
    if start:
        return f"{start} – {end or 'present'}"
    return end or _date(entry.get("date") or entry.get("releaseDate"))


def _date(date: Any) -> str:
    """`2012-10` as `October 2012`."""
    year, *rest = str(date or "").split("-")
    if not rest:
        return year
    day = f"{int(rest[1])} " if len(rest) > 1 else ""
    return f"{day}{month_name[int(rest[0])]} {year}"


def _paragraph(style: str, text: str) -> str:
    if not text.strip():
        return ""
    bullet = "• " if style == "ListBullet" else ""
    written = escape(bullet + _UNWRITABLE.sub("", text))
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>'
    return f'<w:p>{properties}<w:r><w:t xml:space="preserve">{written}</w:t></w:r></w:p>'
