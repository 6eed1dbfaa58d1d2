"""What the candidate's current title is understood as, live: drawn anew when their work changes, and when an
administrator says what such a title means.

The outer region follows the profile, the inner one the few aliases that could say something about this very title: an
alias of another title draws nothing anew, on however many pages."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Final

import streamlit as st

from shared_backend.data_management.title_aliases import KIND as ALIAS
from shared_backend.data_management.title_aliases import alias_ids
from shared_backend.identity.roles import Permission
from shared_backend.lockstep.topics import part_kind
from shared_backend.portal_ui.context import PageContext
from shared_backend.portal_ui.live import Shown
from shared_backend.portal_ui.regions import live_region
from shared_backend.portal_ui.text_safety import escape, inline
from shared_backend.services.title_meaning import Meaning, Origin, candidate_title, meaning_of
from shared_backend.utils.exception_handler import NotFound

_PROFILE: Final = "user_profile"
_FROM: Final = {
    "work": "From the position that you hold now.",
    "headline": "From your headline, as no position in your work experience is a current one.",
}
# A topic that never changes, for a title that no alias can be about.
_NOTHING: Final = "none"


def draw_title(context: PageContext, *, key: str) -> None:
    """The region. `key` is unique on the page; what it says stands in `title_meaning`."""
    if not context.actor.may(Permission.EDIT_OWN):
        return
    found = _title(context)
    # Of most edits of the basics it needs to know nothing: only who has no position shows the headline.
    follows_headline = found is None or found[1] == "headline"
    parts = ("work", "basics") if follows_headline else ("work",)
    first, *others = [(part_kind(_PROFILE, part), context.actor.id) for part in parts]
    live_region(*first, draw=partial(_follow, follows_headline, key), key=key, also=others)


def _follow(follows_headline: bool, key: str, context: PageContext) -> None:
    found = _title(context)
    if not follows_headline and (found is None or found[1] == "headline"):
        st.rerun()  # the position is gone: the page has it follow the headline from now on
    ids = (alias_ids(found[0]) if found else ()) or (_NOTHING,)
    # What a title means is another thing, too, once another release is in use.
    others = [*((ALIAS, each) for each in ids[1:]), ("dataset", None)]
    live_region(ALIAS, ids[0], draw=partial(_draw, found), key=f"{key}_alias", also=others)


def _title(context: PageContext) -> tuple[str, Origin] | None:
    try:
        return candidate_title(context.bridge, context.actor.id, actor=context.actor)
    except NotFound:
        return None


def _draw(found: tuple[str, Origin] | None, context: PageContext) -> Iterable[Shown]:
    if found is None:
        return []
    meaning = meaning_of(context.backend.knowledge, found[0])
    with st.container(border=True, key="title_meaning", gap="xsmall"):
        st.caption("What your current title is understood as")
        st.markdown(_sentence(meaning))
        source = "your company" if meaning.alias else meaning.vintage.partition("; ")[0]
        codes = ", ".join(code for code, _name in meaning.occupations)
        st.caption(f"{f'O*NET-SOC {codes}. ' if codes else ''}{_FROM[found[1]]} Source: {source}.".replace("*", "\\*"))
    return [Shown(ALIAS, *meaning.alias)] if meaning.alias else []


def _sentence(meaning: Meaning) -> str:
    title = inline(meaning.title, longest=80)
    named = [f"**{escape(name)}**" for _code, name in meaning.occupations]
    if not named:
        return (
            f":material/search_off: Which occupation {title} is, we can't say. A more usual title helps, or your "
            "company says what it means."
        )
    if meaning.alias:
        return f":material/apartment: {title}, as your company's title: {named[0]}"
    if meaning.ambiguous:
        return f":material/help: {title} is ambiguous. It may be {', '.join(named[:-1])} or {named[-1]}."
    return f":material/work: {title}: {named[0]}"
