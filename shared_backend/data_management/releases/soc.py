"""The structure of the Standard Occupational Classification 2018: a ragged file in Latin-1."""

from __future__ import annotations

from shared_backend.data_management.releases.folder import ReleaseFolder

LEVELS = ("major", "minor", "broad", "detailed")
_COLUMNS = ("Major Group", "Minor Group", "Broad Group", "Detailed Occupation", "")


def read_structure(folder: ReleaseFolder) -> dict[str, list[str | None]]:
    """code → [title, level, code of the group above or None]."""
    name = "soc_structure_2018.csv"
    path = folder.find(name)
    # The last column has no name; a title with a comma is quoted.
    rows = folder.text_rows(path, _COLUMNS, delimiter=",", encoding="latin-1", exact=False) if path else []
    structure: dict[str, list[str | None]] = {}
    above: dict[str, str | None] = dict.fromkeys(LEVELS)
    for *codes, title in rows:
        level, code = next(((level, code) for level, code in zip(LEVELS, codes, strict=True) if code), (None, ""))
        if level is None or not title:
            folder.report.error(name, f"has a row without a code or without a title: {title or codes}")
            continue
        place = LEVELS.index(level)
        parent = next((above[upper] for upper in reversed(LEVELS[:place]) if above[upper]), None)
        structure[code] = [title, level, parent]
        above[level] = code
        for lower in LEVELS[place + 1 :]:
            above[lower] = None
    by_level = [sum(row[1] == level for row in structure.values()) for level in LEVELS]
    for level, number, expected in zip(LEVELS, by_level, (23, 98, 459, 867), strict=True):
        folder.report.count(f"SOC {level} groups", number, least=expected, most=expected, file=name)
    return structure
