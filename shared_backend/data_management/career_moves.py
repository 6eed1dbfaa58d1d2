"""Moves from an occupation: up, across and out, each with the gap in skills, education and pay."""

from __future__ import annotations

from typing import Any, Literal

from shared_backend.data_management.knowledge import Knowledge
from shared_backend.data_management.occupations import Occupations, education_rank
from shared_backend.data_management.pay import Pay

Level = Literal["up", "level", "down"]

# A step in pay that makes a move one up or down within the same job zone.
_PAY_STEP = 0.15
# Importance (1 to 5) from which a skill counts, and by how much more level (0 to 7) is a gap.
_IMPORTANT, _GAP = 3.0, 0.5
_GAPS_SHOWN, _TOOLS_SHOWN, _MOVES_SHOWN = 8, 10, 8
_MANAGEMENT = "11"


class CareerMoves:
    """Candidates are what O*NET holds to be related, in either direction: nothing is learned from histories."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._occupations = knowledge.view(Occupations)
        self._pay = knowledge.view(Pay)

    def moves(self, code: str) -> dict[str, list[dict[str, Any]]]:
        """`up`, `across` and `out`: within the field to more preparation or pay, within the field to much the same, and
        to another field. Moves down within the field are not listed; those out of it say their `level`."""
        found: dict[str, list[dict[str, Any]]] = {"up": [], "across": [], "out": []}
        for rank, other in enumerate(self._candidates(code)):
            move = self.move(code, other)
            move["relatedness_rank"] = rank + 1
            if not self._same_field(code, other):
                found["out"].append(move)
            elif move["level"] == "up":
                found["up"].append(move)
            elif move["level"] == "level":
                found["across"].append(move)
        return {direction: moves[:_MOVES_SHOWN] for direction, moves in found.items()}

    def move(self, code: str, other: str) -> dict[str, Any]:
        """One step from an occupation to another."""
        return {
            "code": other,
            "title": self._occupations.title(other),
            "level": self._level(code, other),
            "ratings_exact": all(self._occupations.ratings_basis(each)["exact"] for each in (code, other)),
            "skills": self._ratings_gap(code, other, "skills"),
            "knowledge": self._ratings_gap(code, other, "knowledge"),
            "technology": self._technology_gap(code, other),
            "education": self._education_gap(code, other),
            "pay": self._pay_gap(code, other),
            "outlook": self._occupations.outlook(other),
        }

    def _candidates(self, code: str) -> list[str]:
        listed = self._occupations.related(code)
        return list(dict.fromkeys([*listed, *self._occupations.lists_as_related(code)]))

    def _same_field(self, code: str, other: str) -> bool:
        """The same SOC major group; the management of a field belongs to it."""
        return code[:2] == other[:2] or other.startswith(_MANAGEMENT)

    def _level(self, code: str, other: str) -> Level:
        before, after = self._occupations.zone(code), self._occupations.zone(other)
        pay = self._pay_gap(code, other)["change_percent"]
        change = None if pay is None else pay / 100
        if before is not None and after is not None and before != after:
            if after > before:
                # More preparation for much less pay is no step up.
                return "up" if change is None or change > -_PAY_STEP else "level"
            return "down" if change is None or change < _PAY_STEP else "level"
        if change is None or abs(change) < _PAY_STEP:
            return "level"
        return "up" if change > 0 else "down"

    def _ratings_gap(self, code: str, other: str, table: str) -> dict[str, Any] | None:
        """`match`: the share of the other's important elements whose level this occupation has; `gaps`: those it lacks,
        the largest first. None where either is not rated."""
        have = {each["id"]: each["level"] or 0.0 for each in self._occupations.ratings(code, table)}
        asked = self._occupations.ratings(other, table)
        if not have or not asked:
            return None
        want = [each for each in asked if each["importance"] >= _IMPORTANT]
        gaps = [
            {
                "name": each["name"],
                "from_level": have[each["id"]],
                "to_level": each["level"],
                "importance": each["importance"],
            }
            for each in want
            if each["level"] is not None and each["level"] - have[each["id"]] >= _GAP
        ]
        gaps.sort(key=lambda gap: (gap["from_level"] - gap["to_level"]) * gap["importance"])
        return {"match": round(1 - len(gaps) / len(want), 2) if want else 1.0, "gaps": gaps[:_GAPS_SHOWN]}

    def _technology_gap(self, code: str, other: str) -> list[str]:
        """Technologies that employers of the other ask for and that this occupation does not use."""
        have = {each["name"] for each in self._occupations.technologies(code)}
        wanted = [each for each in self._occupations.technologies(other) if each["hot"] or each["in_demand"]]
        return [each["name"] for each in wanted if each["name"] not in have][:_TOOLS_SHOWN]

    def _education_gap(self, code: str, other: str) -> dict[str, Any]:
        """Typical education for entry on both sides; `steps`: how many levels more (negative: less), or None."""
        before, after = self._occupations.education(code), self._occupations.education(other)
        first, second = education_rank(before["typical_entry"]), education_rank(after["typical_entry"])
        return {
            "from": before["typical_entry"],
            "to": after["typical_entry"],
            "steps": None if first is None or second is None else second - first,
            "from_zone": self._occupations.zone(code),
            "to_zone": self._occupations.zone(other),
            "experience": after["experience"],
            "training": after["training"],
        }

    def _pay_gap(self, code: str, other: str) -> dict[str, Any]:
        """Medians in dollars a year; None where they are not published for the occupation or what it is a part of."""
        before, after = self._pay.median(code), self._pay.median(other)
        known = before is not None and after is not None and before > 0
        change = after - before if known and before is not None and after is not None else None
        return {
            "from": before,
            "to": after,
            "change": change,
            "change_percent": round(change / before * 100, 1) if change is not None and before else None,
            "currency": "USD",
            "period": "year",
        }
