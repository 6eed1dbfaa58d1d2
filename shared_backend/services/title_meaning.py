"""What a candidate's current title is understood as: what their own page says of it.

Quick, as it stands on an open page: an alias is one look at the database, a title that O*NET knows one look into a
dictionary. Only a title that is neither asks the lexical index.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from shared_backend.data_management.ai_data_manager import AIDataManager
from shared_backend.data_management.dataset import ONET
from shared_backend.data_management.title_parts import split_title
from shared_backend.data_management.title_words import words_of
from shared_backend.identity.actor import Actor
from shared_backend.services.enhanced_job_title_engine import KNOWN_FROM, is_ambiguous, onet_candidates
from shared_backend.services.portal_bridge import PortalBridge

Origin = Literal["work", "headline"]
_SHOWN = 4
_LONGEST = 300


@dataclass(frozen=True)
class Meaning:
    """`occupations` are (code, title), the likeliest first; none where the title is not known. `ambiguous`: all of them
    are as likely. `alias` is the id and version of the company's alias that says so, or None."""

    title: str
    occupations: tuple[tuple[str, str], ...]
    ambiguous: bool
    alias: tuple[str, int] | None
    vintage: str


def current_title(profile: dict[str, Any]) -> tuple[str, Origin] | None:
    """The position held now, the one begun last where there are several; else the headline. A position is held now that
    has no end. None where the profile says neither."""
    held = [job for job in profile.get("work", []) if job.get("position") and not job.get("endDate")]
    if held:
        # Without a date it is the last to be believed; of equals, the first in the profile.
        newest = max(held, key=lambda job: job.get("startDate") or "")
        return str(newest["position"]), "work"
    headline = profile.get("basics", {}).get("label")
    return (str(headline), "headline") if headline else None


def meaning_of(knowledge: AIDataManager, title: str) -> Meaning:
    """What a title is understood as."""
    title = " ".join(title.split())[:_LONGEST]
    current = knowledge.current()
    vintage = current[ONET].manifest.vintage
    by_alias = knowledge.aliases.match(current, title)
    if by_alias is not None:
        alias = by_alias.alias
        return Meaning(title, ((alias.code, by_alias.occupation),), False, (alias.id, alias.version), vintage)
    parts = split_title(title)
    found = onet_candidates(current, parts, _SHOWN + 1, exact_only=True)
    if not found and words_of(title):
        found = [each for each in onet_candidates(current, parts, _SHOWN + 1) if each["score"] >= KNOWN_FROM]
    ambiguous = is_ambiguous(found)
    alike = [each for each in found if is_ambiguous([found[0], each])] if ambiguous else found[:1]
    return Meaning(title, tuple((each["code"], each["title"]) for each in alike[:_SHOWN]), ambiguous, None, vintage)


def candidate_title(bridge: PortalBridge, candidate_id: str, *, actor: Actor) -> tuple[str, Origin] | None:
    """The current title in a candidate's profile. Raises NotFound, and PermissionDenied for who may not read it."""
    return current_title(bridge.get("user_profile", candidate_id, actor=actor).data)
