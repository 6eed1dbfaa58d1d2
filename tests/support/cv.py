"""CVs for tests: texts of our own, documents made of them, and the folders of other people's."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from tests.support.missing import missing

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"

CV = """Maria Lindqvist
Data Engineer
Leeds, UK | maria.lindqvist@example.org | +44 20 7946 0958 | linkedin.com/in/marialindqvist

Summary
Builds pipelines that people can rely on.

Experience
Senior Data Engineer, Northwind Analytics Ltd, Leeds, UK
May 2019 - Present
• Moved nightly loads to streams in Python and Kafka
• Led four engineers

Data Analyst, Contoso GmbH, Berlin, Germany
2015 - 2018
• Reported sales to the board

Education
BSc in Mathematics, University of Leeds, 2015

Skills
Python, SQL, Kafka (3 years), Excel

Languages
English (native), German (B2)
"""


def data(name: str) -> Path:
    """A folder of other people's files; the test is left out, or fails in CI, where it is not."""
    path = DATA / name
    if not path.exists():
        missing(f"The data folder {name} is not beside the checkout.")
    return path


def docx(body: str, **members: str) -> bytes:
    """A DOCX with that XML inside of w:body, and further members by name (`__` for `/`)."""
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    document = f'<?xml version="1.0"?><w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", document)
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return file.getvalue()


def paragraphs(text: str) -> str:
    """A text's lines as paragraphs of WordprocessingML."""
    lines = text.replace("&", "&amp;").replace("<", "&lt;").split("\n")
    return "".join(f'<w:p><w:r><w:t xml:space="preserve">{line}</w:t></w:r></w:p>' for line in lines)


def odt(text: str) -> bytes:
    """A text's lines as an ODT."""
    office, words = "urn:oasis:names:tc:opendocument:xmlns:office:1.0", "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
    lines = "".join(f"<text:p>{line.replace('&', '&amp;')}</text:p>" for line in text.split("\n"))
    content = (
        f'<office:document-content xmlns:office="{office}" '
        f'xmlns:text="{words}"><office:body><office:text>{lines}</office:text></office:body></'
        f"office:document-content>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", content)
    return file.getvalue()


def pdf(text: str, pages: int = 1) -> bytes:
    """A PDF with that text in Helvetica on each of its pages, written by hand: none of our packages writes PDFs."""
    lines = [
        line.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        for line in text.split("\n")
    ]
    stream = b"BT /F 10 Tf 50 800 Td 14 TL " + b" ".join(b"(" + line + b") Tj T*" for line in lines) + b" ET"
    kids = " ".join(f"{4 + n} 0 R" for n in range(pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    page = (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {4 + pages} 0 R /Resources << /Font << /"
        f"F 3 0 R >> >> >>"
    )
    objects += [page.encode()] * pages
    objects.append(b"<< /Length %d >> stream\n" % len(stream) + stream + b"\nendstream")
    out = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
