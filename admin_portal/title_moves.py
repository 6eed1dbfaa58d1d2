"""Moves from an occupation: up, across and out of its field, each with what it asks for and what it pays."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from admin_portal.knowledge_words import change, dollars, source_line
from admin_portal.title_search import link
from shared_backend.portal_ui.text_safety import escape

_DIRECTIONS: Final = (
    ("up", "Up", ":material/trending_up:", "More preparation or more pay, in the field."),
    ("across", "Across", ":material/swap_horiz:", "Much the same preparation and pay, in the field."),
    ("out", "Out", ":material/logout:", "To another field."),
)
_SHOWN = 5
_LEVELS: Final = {"up": "a step up", "level": "level", "down": "a step down"}


def draw(path: dict[str, Any]) -> None:
    """Three columns of moves."""
    st.subheader("Career moves", anchor=False)
    for column, (direction, title, icon, words) in zip(st.columns(3, gap="medium"), _DIRECTIONS, strict=True):
        with column, st.container(gap="small", key=f"moves_{direction}"):
            st.markdown(f"#### {icon} {title}", anchors=False)
            st.caption(words)
            if not path[direction]:
                st.caption("None among related occupations.")
            for move in path[direction][:_SHOWN]:
                _move(move, direction)
    st.caption(f"{escape(path['basis'])} {source_line(path['sources'], 'onet', 'bls/wages')}")


def _move(move: dict[str, Any], direction: str) -> None:
    pay, education = move["pay"], move["education"]
    with st.container(border=True, gap="xxsmall"):
        link(move["code"], move["title"], longest=30)
        told = [_LEVELS[move["level"]]] if direction == "out" else []
        if pay["change"] is not None:
            told.append(f"pay {change(pay['change_percent'])}, to {dollars(pay['to'])}")
        else:
            told.append("pay not comparable")
        if move["skills"]:
            told.append(f"{move['skills']['match']:.0%} of its skills are covered")
        sentence = " · ".join(told)
        st.caption((sentence[:1].upper() + sentence[1:]).replace("$", "\\$"))
        with st.expander("What is missing"):
            _gaps(move, education)


def _gaps(move: dict[str, Any], education: dict[str, Any]) -> None:
    steps = education["steps"]
    if steps is not None and steps > 0:
        st.caption(f"Education: {escape(education['from'])} → {escape(education['to'])}")
    elif steps is not None:
        st.caption("Education: nothing more than here.")
    for name, table in (("Skills", move["skills"]), ("Knowledge", move["knowledge"])):
        if table and table["gaps"]:
            gaps = ", ".join(
                f"{escape(gap['name'])} ({gap['from_level']:.1f} → {gap['to_level']:.1f})" for gap in table["gaps"]
            )
            st.caption(f"{name}, by level 0 to 7: {gaps}")
        elif table:
            st.caption(f"{name}: nothing important.")
    if move["technology"]:
        st.caption(f"Technology: {escape(', '.join(move['technology']))}")
    if not move["ratings_exact"]:
        st.caption("One of the two is not rated itself yet: its ratings are those of its neighbours.")
