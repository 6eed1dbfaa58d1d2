"""The industries that an employer's name says by itself, by the rules for what companies call themselves: quick enough
for the employers of all candidates, and without the likenesses of titles that LinkedInIndustryClassifier adds."""

from __future__ import annotations

import re

from shared_backend.data_management.industry_rules import industry_rules
from shared_backend.data_management.industry_tree import LINKEDIN, NAICS, Industry, IndustryTree
from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.title_words import fold


class EmployerIndustries:
    """Over one knowledge. A rule whose industries the classifications in use do not have is passed over."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._tree = tree = knowledge.view(IndustryTree)
        labels = {node.title: node for node in tree.all(LINKEDIN)}
        found = [(rule, labels.get(rule.linkedin), tree.find(f"{NAICS}:{rule.naics}")) for rule in industry_rules()]
        rules = [(rule, one, two) for rule, one, two in found if one is not None and two is not None]
        self._industries = [(one, two) for _rule, one, two in rules]
        # All rules as one pattern: a name is gone through once, and most names say nothing.
        self._any = re.compile(
            rf"(?<!\w)(?:{'|'.join(f'({rule.words})' for rule, _one, _two in rules) or '(?!)'})(?!\w)"
        )

    def of(self, employer: str) -> tuple[str, ...]:
        """The ids of the industries, LinkedIn's and of NAICS, each with all above it; none where the name says nothing,
        or words of several sectors."""
        # The more particular rule comes first.
        hits = sorted({match.lastindex - 1 for match in self._any.finditer(fold(employer)) if match.lastindex})
        sectors = {self._tree.path(self._industries[hit][1])[0] for hit in hits}
        if len(sectors) != 1:
            return ()
        return tuple(key for industry in self._industries[hits[0]] for key in self._with_above(industry))

    def _with_above(self, industry: Industry) -> list[str]:
        return [each.id for each in self._tree.path(industry)]
