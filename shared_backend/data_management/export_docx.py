"""A profile as a plain DOCX: headings, paragraphs and lists of the word processor's own styles, without a library."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any, Final
from xml.sax.saxutils import escape

from shared_backend.data_management.export_paragraphs import paragraphs

_W: Final = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_UNWRITABLE: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# All files of one archive are dated so: the same profile gives the same bytes.
_DATED: Final = (1980, 1, 1, 0, 0, 0)
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
    body = "".join(_paragraph(style, text) for style, text in paragraphs(data))
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


def _paragraph(style: str, text: str) -> str:
    if not text.strip():
        return ""
    bullet = "• " if style == "ListBullet" else ""
    written = escape(bullet + _UNWRITABLE.sub("", text))
    properties = f'<w:pPr><w:pStyle w:val="{"Normal" if style in ("Where", "When") else style}"/></w:pPr>'
    return f'<w:p>{properties}<w:r><w:t xml:space="preserve">{written}</w:t></w:r></w:p>'
