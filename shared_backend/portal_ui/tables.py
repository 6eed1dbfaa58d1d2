"""What lists share: pages of rows, and a state that lives in the address."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

PAGE_SIZE = 25


@dataclass(frozen=True)
class Window:
    """Which rows of a list are on the page."""

    number: int
    size: int
    total: int

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (self.number - 1) * self.size

    @property
    def words(self) -> str:
        """`26–50 of 10,000`."""
        if not self.total:
            return "none"
        return f"{self.offset + 1:,}–{min(self.offset + self.size, self.total):,} of {self.total:,}"


def pager(total: int, *, key: str = "page", size: int = PAGE_SIZE) -> Window:
    """The page numbers below a list, bound to the address under `key`; answers the window to read.

    Draw it before the rows into a container that stands behind them: what it answers says which rows to read. It takes
    no place when one page holds everything. A page that is no more (the list has become shorter) is the last one.
    """
    pages = max(-(-total // size), 1)
    held = st.session_state.get(key, 1)
    if isinstance(held, int) and held > pages:
        st.session_state[key] = pages
    if pages == 1:
        return Window(1, size, total)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        number = int(st.pagination(pages, key=key, bind="query-params"))
        window = Window(min(number, pages), size, total)
        st.caption(window.words)
    return window


def first_page(key: str = "page") -> None:
    """Back to the first page: the `on_change` of every filter and of the sort."""
    if key in st.session_state:
        st.session_state[key] = 1
