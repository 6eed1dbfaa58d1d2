"""Who has a title: how many people may be called so, by occupation.

Nobody counts titles. What is counted are the people of an occupation (BLS), and of its titles the share that have the
words is known (O*NET): the product of both says which of several occupations a plain title names most often.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from shared_backend.data_management.occupations import Occupations
from shared_backend.data_management.title_words import key_of

# Thousands of persons where no figure is published: few, and not none.
_UNCOUNTED = 0.1


class TitleHolders:
    """Over the titles of all occupations: `titles` is the codes of those that have a title, by its key."""

    def __init__(self, occupations: Occupations, titles: Mapping[str, Iterable[str]]) -> None:
        self._titles = titles
        self._persons = _persons(occupations)
        self._sizes = Counter(code for codes in titles.values() for code in codes)
        self._by_word: dict[str, set[str]] = defaultdict(set)
        for key in titles:
            for word in key.split():
                self._by_word[word].add(key)

    def of(self, title: str) -> dict[str, float]:
        """Occupations of which some title has all words of this one, those of most people first: thousands of people
        times the share of such titles. Empty for a title with a word that none has."""
        words = key_of(title).split()
        if not words or any(word not in self._by_word for word in words):
            return {}
        held = set.intersection(*(self._by_word[word] for word in words))
        counted = Counter(code for key in held for code in self._titles[key])
        people = {code: self._persons[code] * number / self._sizes[code] for code, number in counted.items()}
        return dict(sorted(people.items(), key=lambda each: (-each[1], each[0])))


def major(code: str) -> str:
    """The SOC major group of an occupation: two of a kind lie near one another."""
    return code[:2]


def share_near(code: str, people: Mapping[str, float]) -> float:
    """Which share of some people is in the major group of an occupation, 0 to 1."""
    whole = sum(people.values())
    return sum(each for other, each in people.items() if major(other) == major(code)) / whole if whole else 0.0


def _persons(occupations: Occupations) -> dict[str, float]:
    """Thousands of people in each occupation. A figure that several share is divided alike among them, for want of
    better; the occupation that it is published for has the whole."""
    found = {code: occupations.projection(code) for code in occupations}
    shared = Counter(each[1] for each in found.values() if each is not None)
    persons = {}
    for code, each in found.items():
        count = each[0][2] if each is not None else None
        alike = 1 if each is None or code == f"{each[1]}.00" else shared[each[1]]
        persons[code] = (count or _UNCOUNTED) / alike
    return persons
