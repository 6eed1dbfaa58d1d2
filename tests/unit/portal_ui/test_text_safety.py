from __future__ import annotations

import pytest

from shared_backend.portal_ui.text_safety import escape, inline, isolate, shorten


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ada", "Ada"),
        ("**Ada**", r"\*\*Ada\*\*"),
        ("[x](http://evil.example)", "\\[x\\]\\(http\\:\u2060\\/\\/evil\\.example\\)"),
        ("<script>alert(1)</script>", r"\<script\>alert\(1\)\<\/script\>"),
        ("$x$", r"\$x\$"),
        ("# not a heading\n- nor a list", r"\# not a heading \- nor a list"),
        ("שלום 👩🏽‍💻", "שלום 👩🏽‍💻"),
    ],
)
def test_a_text_shows_as_it_is(text: str, shown: str) -> None:
    assert escape(text) == shown


@pytest.mark.parametrize("text", [":smile:", ":material/home:", "www.evil.example", "a@b.example", "a->b", "http://x"])
def test_what_streamlit_replaces_after_parsing_is_broken_up_by_an_invisible_joiner(text: str) -> None:
    assert "\u2060" in escape(text)
    assert escape(text).replace("\\", "").replace("\u2060", "") == text


def test_a_name_keeps_its_direction_to_itself() -> None:
    assert isolate("אבי") == "\u2068אבי\u2069"
    assert inline("a" * 200, longest=10) == "\u2068" + "a" * 9 + "…\u2069"
    assert shorten("short", 10) == "short"
