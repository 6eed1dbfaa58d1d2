"""What is known of a skill that was read, in a person's words: what it is in a taxonomy, and how long it was used."""

from __future__ import annotations

from typing import Any

_NAMES = {"esco": "ESCO", "onet": "O*NET"}


def skill_words(extra: dict[str, Any]) -> str:
    """ "Microsoft Excel in O*NET; named in jobs of 24 months, last in 2019-05". Empty where nothing is known."""
    links = [f"{link['label']} in {_NAMES.get(link['taxonomy'], link['taxonomy'])}" for link in extra.get("links", ())]
    parts = [" and ".join(links)] if links else []
    if months := extra.get("months"):
        parts.append(
            f"named in jobs of {months:,} {'month' if months == 1 else 'months'}, last in {extra['last_used']}"
        )
    return "; ".join(parts)
