"""The process that draws pages: confined as the parser's is, one document after the other, ended with its input.

Started as `python -m shared_backend.data_management.page_child`.
"""

from __future__ import annotations

import base64
import os
import sys
from typing import Any

from shared_backend.data_management.documents.errors import Outcome, UnreadableDocument
from shared_backend.data_management.documents.limits import Limits
from shared_backend.data_management.worker.child import confine
from shared_backend.data_management.worker.frames import packed, read_frame


def main() -> int:
    """Until the input ends."""
    stdin, stdout = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What a library prints must not come between the frames.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    first = read_frame(stdin)
    if first is None:
        return 0
    confine(Limits(**first[0]["limits"]))
    _answer(stdout, {"ready": True})
    while (frame := read_frame(stdin)) is not None:
        _answer(stdout, _look(*frame))
    return 0


def _look(header: dict[str, Any], body: bytes) -> dict[str, Any]:
    from shared_backend.data_management.page_look import look_here

    places = [(int(page), int(start), int(end)) for page, start, end in header["places"]]
    try:
        look = look_here(body, header["name"], header["page"], places)
    except UnreadableDocument as error:
        return {"problem": str(error)}
    except Exception as error:
        # A fault in one document is that document's; the type says where to look.
        return {"problem": f"This page can't be drawn ({type(error).__name__}).", "outcome": Outcome.CRASHED.value}
    png = base64.b64encode(look.png).decode() if look.png is not None else None
    return {"page": look.page, "pages": look.pages, "png": png, "text": look.text, "marks": look.marks}


def _answer(stream: Any, header: dict[str, Any]) -> None:
    stream.write(packed(header))
    stream.flush()


if __name__ == "__main__":
    sys.exit(main())
