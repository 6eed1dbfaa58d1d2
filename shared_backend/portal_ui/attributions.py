"""Whom figures are from: the line below what is shown, and all that licences demand, from NOTICE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import streamlit as st

from shared_backend.data_management.notice import NoticeSection, read_notice
from shared_backend.portal_ui.text_safety import escape


def draw_sources(sources: Iterable[Mapping[str, str]]) -> None:
    """Source, vintage, version and licence of the figures above, a line each."""
    for each in sources:
        st.caption(
            f":material/database: {escape(each['title'])}: {escape(each['vintage'])}. {escape(each['publisher'])}. "
            f"Licence: {escape(each['licence'])}. Version `{each['version']}`."
        )


def draw_attributions() -> None:
    """All of NOTICE; licences that are given in full are folded."""
    for section in read_notice():
        _section(section)


def _section(section: NoticeSection) -> None:
    if section.words:
        st.markdown(f"**{escape(section.words)}**")
    for entry in section.entries:
        if len(entry.paragraphs) > 1:
            with st.expander(escape(entry.title)):
                for paragraph in entry.paragraphs:
                    st.caption(escape(paragraph))
            continue
        with st.container(border=True, gap="xxsmall"):
            st.markdown(f"**{escape(entry.title)}**")
            for paragraph in entry.paragraphs:
                st.caption(escape(paragraph))
