"""Occupations as O*NET and BLS know them: one view over both, by O*NET-SOC code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared_backend.data_management.dataset import BLS, ONET
from shared_backend.data_management.knowledge import Knowledge

# What O*NET's job zones ask of a person, in a word or two.
ZONES = {
    1: "little or no preparation",
    2: "some preparation",
    3: "medium preparation",
    4: "considerable preparation",
    5: "extensive preparation",
}
# Typical education for entry, from low to high, in the words of the Bureau of Labor Statistics.
EDUCATION = (
    "No formal educational credential",
    "High school diploma or equivalent",
    "Some college, no degree",
    "Postsecondary nondegree award",
    "Associate's degree",
    "Bachelor's degree",
    "Master's degree",
    "Doctoral or professional degree",
)


class Occupations:
    """Titles, preparation, ratings and technologies of each occupation. Scales are given as O*NET prints them:
    importance 1 to 5, level 0 to 7."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._onet = knowledge[ONET]
        self._bls = knowledge.find(BLS)
        self._rows: dict[str, list[Any]] = self._onet.table("occupations")

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __contains__(self, code: str) -> bool:
        return code in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def title(self, code: str) -> str:
        """The occupation's title."""
        return str(self._rows[code][0])

    def zone(self, code: str) -> int | None:
        """Job zone, 1 to 5; None where O*NET has not rated the occupation."""
        zone: int | None = self._rows[code][1]
        return zone

    def titles(self, code: str) -> list[str]:
        """Alternate titles, as published."""
        return list(self._onet.table("titles")["alternate"].get(code, []))

    def reported(self, code: str) -> list[str]:
        """Titles that people in the occupation said they have."""
        return list(self._onet.table("titles")["reported"].get(code, []))

    def hierarchy(self, code: str) -> list[dict[str, Any]]:
        """The SOC groups that it is in, from the widest to its own: code, title and level."""
        structure = self._bls.table("soc") if self._bls else {}
        found: list[dict[str, Any]] = []
        at: str | None = code[:7]
        while at in structure:
            title, level, above = structure[at]
            found.append({"code": at, "title": title, "level": level})
            at = above
        return found[::-1]

    def ladder(self, code: str) -> list[str]:
        """SOC codes under which figures of an occupation may be published, the closest first: its own, one that the
        survey counts it together with, then the groups that it is in."""
        own = code[:7]
        together = [each for each in self._own_codes() if each[:6] == own[:6] and each != own]
        groups = [step["code"] for step in reversed(self.hierarchy(code)) if step["code"] != own]
        return [own, *sorted(together), *groups]

    def ratings(self, code: str, table: str) -> list[dict[str, Any]]:
        """`skills` or `knowledge` with id, name, importance and level, the most important first. Level is None where it
        is not relevant.

        Where O*NET has not rated the occupation yet, the mean of the ratings that `ratings_basis` names; empty where it
        names none.
        """
        ratings = self._onet.table(table)
        basis = self.ratings_basis(code)
        rated = [other["code"] for other in basis["of"]]
        found = []
        for at, (element, name) in enumerate(ratings["elements"] if rated else ()):
            importance = sum(ratings["importance"][other][at] for other in rated) / len(rated)
            # Not relevant to one is a level of nothing, and not relevant to all is none.
            known = [ratings["level"][other][at] for other in rated]
            level = None if known.count(None) == len(known) else sum(each or 0 for each in known) / len(known)
            found.append({"id": element, "name": name, "importance": _scale(importance), "level": _scale(level)})
        return sorted(found, key=lambda each: (-float(each["importance"] or 0), str(each["name"])))

    def ratings_basis(self, code: str) -> dict[str, Any]:
        """Whose ratings of skills and knowledge an occupation's are: `exact`, and `of` (code and title): its own, or
        else those of the rated occupations in its SOC broad group, or else of the five nearest related ones."""
        rated = self._onet.table("skills")["importance"].keys() & self._onet.table("knowledge")["importance"].keys()
        if code in rated:
            return {"exact": True, "of": [{"code": code, "title": self.title(code)}]}
        near = [other for other in self._rows if other in rated and other[:6] == code[:6] and other[6] != "9"]
        near = near or [other for other in self.related(code) if other in rated][:5]
        return {"exact": False, "of": [{"code": other, "title": self.title(other)} for other in near]}

    def technologies(self, code: str) -> list[dict[str, Any]]:
        """Technology skills with category, `hot` and `in_demand`, these first."""
        table = self._onet.table("technology")
        found = [
            {
                "name": table["names"][name],
                "category": table["commodities"][commodity],
                "hot": bool(flags & 1),
                "in_demand": bool(flags & 2),
            }
            for name, commodity, flags in table["by_occupation"].get(code, [])
        ]
        return sorted(found, key=lambda each: (not each["in_demand"], not each["hot"], each["name"]))

    def related(self, code: str) -> list[str]:
        """Related occupations, nearest first: those that O*NET lists, or else those of the same SOC group."""
        listed: list[str] = self._onet.table("related").get(code, [])
        if listed:
            return list(listed)
        near = [each for each in self._rows if each != code and each[:6] == code[:6]]
        return near or [each for each in self._rows if each != code and each[:4] == code[:4]]

    def lists_as_related(self, code: str) -> list[str]:
        """Occupations that list this one as related, by code."""
        table: dict[str, list[str]] = self._onet.table("related")
        return [each for each in self._rows if code in table.get(each, ())]

    def education(self, code: str) -> dict[str, Any]:
        """`typical_entry`, `experience` and `training` (BLS), and `reported`: which share of the people in it say that
        it takes each level (O*NET, percent, the largest first)."""
        row = self.projection(code)
        values = row[0] if row else [None] * 11
        table = self._onet.table("education")["education"]
        shares = table["shares"].get(code, [])
        reported = [
            {"level": words, "percent": share / 100}
            for words, share in zip(table["categories"], shares, strict=False)
            if share
        ]
        return {
            "typical_entry": values[8],
            "experience": values[9],
            "training": values[10],
            "reported": sorted(reported, key=lambda each: -float(each["percent"])),
        }

    def interests(self, code: str) -> list[dict[str, Any]]:
        """Holland interests, 1 to 7, the strongest first."""
        table = self._onet.optional("interests")
        values = table.get("values", {}).get(code, [])
        found = [
            {"name": name, "score": value / 100} for name, value in zip(table.get("elements", []), values, strict=False)
        ]
        return sorted(found, key=lambda each: -float(each["score"]))

    def projection(self, code: str) -> tuple[list[Any], str] | None:
        """The row of projections, and the code that it is of; see releases.bls. None where there is none."""
        projections = self._bls.table("projections") if self._bls else {}
        # A major group says too little of one occupation.
        found = next((each for each in self.ladder(code) if each in projections and not each.endswith("0000")), None)
        return (projections[found], found) if found else None

    def outlook(self, code: str) -> dict[str, Any] | None:
        """Employment now and projected (persons), change in percent and openings a year (persons); `basis` is what the
        figures are of, `exact` whether that is the occupation itself. None where there is none."""
        found = self.projection(code)
        if found is None:
            return None
        row, basis = found
        return {
            "employment_2024": _thousands(row[2]),
            "employment_2034": _thousands(row[3]),
            "change_percent": row[4],
            "self_employed_percent": row[5],
            "openings_per_year": _thousands(row[6]),
            "basis": {"code": basis, "title": row[0], "exact": basis == code[:7] and code.endswith(".00")},
        }

    def _own_codes(self) -> list[str]:
        if self._bls is None:
            return []
        structure = self._bls.table("soc")
        return [each for each in self._bls.table("wages") if each not in structure]


def education_rank(level: str | None) -> int | None:
    """Place in EDUCATION; None for what is not given."""
    return EDUCATION.index(level) if level in EDUCATION else None


def _scale(value: float | None) -> float | None:
    """Hundredths, as O*NET prints them."""
    return None if value is None else round(value / 100, 2)


def _thousands(value: float | None) -> int | None:
    return None if value is None else round(value * 1000)
