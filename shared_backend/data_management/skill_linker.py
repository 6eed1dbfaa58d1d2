"""Ties what a CV calls a skill to ESCO's skills and O*NET's technologies, by name; a name of several, to none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared_backend.data_management.extraction.skill_links import SkillLink
from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.skill_index import Skill, SkillIndex
from shared_backend.data_management.title_words import fold

# By the name that the taxonomy gives it, and by another that it knows; less where that is a part of what is written.
_BY_ITS_NAME, _BY_ANOTHER, _IN_PART = 0.95, 0.75, 0.8
# A name of ESCO's within a longer text tells what that is only where it is at least so much of it.
_MOST_OF_IT = 0.5
_GENERIC = ("software", "systems", "system", "tools", "tool")


class TaxonomyLinker:
    """See SkillLinker. Over one knowledge, which never changes: `knowledge.view(TaxonomyLinker)` makes it once."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._index = SkillIndex(knowledge)

    @classmethod
    def shipped(cls) -> TaxonomyLinker:
        """Over what the product ships: for a process without a database."""
        return cls(Knowledge.shipped())

    def links(self, text: str) -> list[SkillLink]:
        """Of a skill as it is written: the whole by its name, else the names that it holds ("Advanced Excel")."""
        text = text.strip()
        if whole := self._index.lookup(text):
            return list(_chosen(whole, text, 1.0))
        found: dict[tuple[str, str], SkillLink] = {}
        for mention in self._index.find_in(text):
            much = mention.end - mention.start >= _MOST_OF_IT * len(text)
            for link in _chosen(mention.skills, text[mention.start : mention.end], _IN_PART):
                if much or link.taxonomy == "onet":
                    found.setdefault((link.taxonomy, link.id), link)
        return list(found.values())

    def named_in(self, text: str) -> set[tuple[str, str]]:
        """(taxonomy, id) of each skill that a longer text names."""
        return {
            (link.taxonomy, link.id)
            for mention in self._index.find_in(text)
            for link in _chosen(mention.skills, text[mention.start : mention.end], 1.0)
        }


def _chosen(skills: Sequence[Skill], surface: str, share: float) -> Iterator[SkillLink]:
    """Of each taxonomy the skill that goes by that name: by its own before another's; of several by another, none."""
    for taxonomy in ("esco", "onet"):
        some = [skill for skill in skills if skill.taxonomy == taxonomy]
        own = [skill for skill in some if fold(skill.name) == fold(surface)]
        if own:
            yield SkillLink(taxonomy, own[0].id, own[0].name, surface, round(_BY_ITS_NAME * share, 3))
        elif len(some) == 1 and not (len(some) < len(skills) and _is_kind_of_software(some[0], surface)):
            yield SkillLink(taxonomy, some[0].id, some[0].name, surface, round(_BY_ANOTHER * share, 3))


def _is_kind_of_software(skill: Skill, surface: str) -> bool:
    """ "Project management software" is not what "project management" is, where ESCO knows that as a skill."""
    return fold(skill.name).removeprefix(fold(surface)).strip() in _GENERIC
