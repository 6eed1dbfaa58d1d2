"""One card a capability: who serves, why, how its providers do, and which check failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from admin_portal.cloud_words import capability_icon, capability_title, plural, provider_name, provider_title
from admin_portal.provider_difference import open_comparison
from admin_portal.provider_switch import open_switch
from shared_backend.portal_ui.lockstep_words import portal_title
from shared_backend.portal_ui.text_safety import escape
from shared_backend.services.breaker_reports import ProcessBreaker
from shared_backend.services.cloud_operations import KEEPING, Explanation, Finding
from shared_backend.services.provider_desk import Use

_BREAKERS = {
    "closed": "Calls go through",
    "open": "Left alone",
    "half_open": "One call tries it",
}


def draw_card(
    explanation: Explanation,
    findings: Mapping[tuple[str, str], Finding],
    use: Mapping[tuple[str, str], Use],
    breakers: Mapping[tuple[str, str], Sequence[ProcessBreaker]],
    *,
    may_switch: bool,
    why: str,
) -> None:
    """Draws the card. `findings`: what the last probe gave; `use`: calls of the last day; `breakers`: those of all
    processes; `why`: who switched and for what reason, empty where nobody did."""
    name = explanation.capability
    with st.container(border=True, key=f"provider_{name}", gap="small"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            with st.container(gap="xxsmall", width=680):
                st.markdown(f"#### {capability_icon(name)} {capability_title(name)}")
                st.markdown(_route_words(explanation, why or "by configuration"))
            _badge(explanation, findings, use)
        for words in explanation.warnings:
            st.warning(escape(words), icon=":material/folder_off:")
        st.dataframe(
            pd.DataFrame(_rows(explanation, findings, use, breakers)),
            hide_index=True,
            key=f"provider_table_{name}",
            height="content",
            alt=f"Providers of {capability_title(name).lower()}",
            column_config=_COLUMNS,
        )
        with st.container(gap="xsmall"):
            for provider in _names(explanation):
                if problem := _problem(explanation, provider, findings):
                    st.caption(f":material/error: **{escape(provider_title(provider))}**: {escape(problem)}")
        if may_switch:
            with st.container(horizontal=True):
                st.button(
                    "Switch",
                    key=f"switch_{name}",
                    icon=":material/swap_horiz:",
                    on_click=open_switch,
                    args=("switch", name),
                )
                st.button(
                    "Roll back",
                    key=f"roll_back_{name}",
                    icon=":material/undo:",
                    type="tertiary",
                    on_click=open_switch,
                    args=("roll_back", name),
                    disabled=not why,
                )
                if name in KEEPING:
                    st.button(
                        "Compare",
                        key=f"compare_{name}",
                        icon=":material/difference:",
                        type="tertiary",
                        on_click=open_comparison,
                        args=(name,),
                        disabled=not explanation.formers,
                    )
        if explanation.formers:
            titles = ", ".join(provider_title(each) for each in explanation.formers)
            st.caption(f":material/history: {escape(titles)} served before and may hold what was not carried over.")


_COLUMNS: dict[str, Any] = {
    "Calls": st.column_config.NumberColumn(format="localized", help="Of the last 24 hours, all processes."),
    "Failed": st.column_config.NumberColumn(format="localized", help="Of these calls."),
    "p50": st.column_config.TextColumn(alignment="right", help="Half of the calls took less."),
    "p95": st.column_config.TextColumn(alignment="right", help="19 of 20 calls took less."),
    "Breaker": st.column_config.TextColumn(help="Each process has its own, and tells of it every 15 s."),
    "Tokens": st.column_config.TextColumn(alignment="right", help="In and out, where the provider counts them."),
    "Units": st.column_config.TextColumn(
        alignment="right", help="As they are billed: 1,000 characters at Azure; 100 at AWS, and at least 300 a call."
    ),
}


def _rows(
    explanation: Explanation,
    findings: Mapping[tuple[str, str], Finding],
    use: Mapping[tuple[str, str], Use],
    breakers: Mapping[tuple[str, str], Sequence[ProcessBreaker]],
) -> list[dict[str, Any]]:
    rows = []
    for provider in _names(explanation):
        mine = use.get((provider, explanation.capability), Use())
        finding = findings.get((provider, explanation.capability))
        row: dict[str, Any] = {
            "Provider": provider_title(provider),
            "In the route": "Primary" if provider == explanation.route.primary else "Fallback",
            "Health": _health(explanation, provider, findings, mine),
            "Breaker": _breaker_words(breakers.get((provider, explanation.capability), ())),
            "Calls": mine.calls,
            "Failed": mine.failures,
            "p50": _milliseconds(mine.p50_ms),
            "p95": _milliseconds(mine.p95_ms),
        }
        if explanation.capability in ("generation", "embeddings"):
            row["Tokens"] = "" if mine.tokens is None else f"{mine.tokens:,}"
            row["Cost"] = _cost(mine)
        if explanation.capability == "text":
            row["Units"] = "" if mine.units is None else f"{mine.units:,}"
            row["Cost"] = _cost(mine)
        row["Last probe"] = _probed(finding, set_up=provider not in explanation.passed_over)
        rows.append(row)
    return rows


def _breaker_words(found: Sequence[ProcessBreaker]) -> str:
    """`Calls go through`, or what each process does that has another opinion, and how many have none."""
    away = [each for each in found if each.state != "closed"]
    if not away:
        return _BREAKERS["closed"]
    titles = Counter(portal_title(each.portal) for each in found)
    words = []
    for each in away:
        wait = f" for {each.retry_in_s:,.0f} s" if each.state == "open" and each.retry_in_s >= 1 else ""
        title = portal_title(each.portal)
        who = f"{title} ({each.instance})" if titles[title] > 1 else title
        words.append(f"{who}: {_BREAKERS.get(each.state, each.state).lower()}{wait}")
    if rest := len(found) - len(away):
        words.append(f"{plural(rest, 'other process', 'other processes')}: {_BREAKERS['closed'].lower()}")
    return "; ".join(words)


def _milliseconds(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f} ms"


def _probed(finding: Finding | None, *, set_up: bool) -> str:
    if finding is None or not set_up:
        return ""
    return f"{finding.found or 'Failed'} ({finding.elapsed_ms:,.0f} ms)"


def _cost(use: Use) -> str:
    if not use.tokens and not use.units:
        return ""
    if use.cost is None:
        return "no price is known"
    more = " and what has no price" if use.unpriced else ""
    return f"{use.cost:,.4f} {use.currency}{more}"


def _health(explanation: Explanation, provider: str, findings: Mapping[tuple[str, str], Finding], mine: Use) -> str:
    if provider in explanation.passed_over:
        return "Not set up"
    finding = findings.get((provider, explanation.capability))
    info = explanation.breakers[provider]
    if (finding is not None and finding.problem) or info.state != "closed":
        return "Not working"
    if mine.calls and mine.failures == mine.calls:
        return "Not working"
    if info.failures or mine.failures * 10 > mine.calls:
        return "Failing now and then"
    return "Working" if finding is not None or mine.calls else "Not tried yet"


def _problem(explanation: Explanation, provider: str, findings: Mapping[tuple[str, str], Finding]) -> str:
    if provider in explanation.passed_over:
        return explanation.passed_over[provider]
    finding = findings.get((provider, explanation.capability))
    if finding is not None and finding.problem:
        return finding.problem
    return explanation.breakers[provider].last_error


def _badge(
    explanation: Explanation,
    findings: Mapping[tuple[str, str], Finding],
    use: Mapping[tuple[str, str], Use],
) -> None:
    serves = explanation.serves
    mine = use.get((serves or "", explanation.capability), Use())
    health = "Not set up" if serves is None else _health(explanation, serves, findings, mine)
    if health == "Working":
        st.badge("Working", icon=":material/check_circle:", color="green")
    elif health == "Not tried yet":
        st.badge("Not tried yet", icon=":material/help:", color="gray")
    elif health == "Not working" and serves == explanation.route.primary and explanation.route.fallback:
        st.badge("Primary not working", icon=":material/warning:", color="orange")
    elif health in ("Not working", "Not set up"):
        st.badge(health, icon=":material/error:", color="red")
    else:
        st.badge(health, icon=":material/warning:", color="orange")


def _route_words(explanation: Explanation, why: str) -> str:
    route = explanation.route
    if explanation.serves is None:
        return f"**Nobody serves**: {escape(why)}."
    words = f"**{escape(provider_title(explanation.serves))}** serves"
    if explanation.serves != route.primary:
        words += f", as {escape(provider_name(route.primary))} is not set up"
    elif route.fallback and route.fallback not in explanation.passed_over:
        words += f", and {escape(provider_name(route.fallback))} where it can't"
    return f"{words}; {escape(why)}."


def _names(explanation: Explanation) -> list[str]:
    return [name for name in (explanation.route.primary, explanation.route.fallback) if name]
