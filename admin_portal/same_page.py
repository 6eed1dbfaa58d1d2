"""Links from a page to itself, with another address. Streamlit runs the page with the new address then, but leaves the
old one in the browser: the next run, or a reload, would be back where the person came from. So such a link has a mark,
and the page puts its address, without the mark, into the browser."""

from __future__ import annotations

from typing import Final

import streamlit as st

_MARK: Final = "go"


def same_page(**query: str) -> dict[str, str]:
    """The query of a link from a page to itself. For a link from another page it would put the address there twice."""
    return {**query, _MARK: "1"}


def settle_address() -> None:
    """First on a page that has such links."""
    # One is taken out, and the browser is sent the rest: to set them again is refused for those that widgets keep.
    if _MARK in st.query_params:
        del st.query_params[_MARK]
