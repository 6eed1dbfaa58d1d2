"""Other people's CVs: nothing made up, nothing lost between themes, an outcome for each."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.cv.invented import bare_text, plainly, stands
from shared_backend.data_management.documents.errors import Outcome
from shared_backend.data_management.parse_here import parse_here
from shared_backend.data_management.parse_result import ParseResult
from shared_backend.lockstep.kinds.user_profile import user_profile
from tests.support.cv import data

# Every so many of the 633: the benchmark reads all.
_STRIDE = 23


def invented(path: Path, result: ParseResult) -> list[str]:
    if result.draft is None:
        return []
    text = plainly(bare_text(path))
    return [f"{where}: {one.text}" for where, one in result.draft.values() if not stands(one, text, result.texts)]


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["rendercv", "latexcv", "resume_matcher", "edge_cases"])
def test_nothing_is_made_up(folder: str) -> None:
    for path in sorted(data(f"cv/{folder}").glob("*.pdf")):
        result = parse_here(path.read_bytes(), path.name)
        assert invented(path, result) == [], path.name
        assert result.outcome is not Outcome.CRASHED
        if result.draft is not None:
            user_profile().validate(result.draft.profile())


@pytest.mark.slow
def test_a_sample_of_many() -> None:
    lost = []
    chosen = sorted(data("cv/livecareer").rglob("*.pdf"))[::_STRIDE]
    for path in chosen:
        result = parse_here(path.read_bytes(), path.name)
        assert invented(path, result) == [], path.name
        sections = result.draft.sections if result.draft else {}
        if not any("startDate" in entry for entry in sections.get("work", [])) or not sections.get("skills"):
            lost.append(path.name)
    assert len(lost) <= 1, lost


def test_what_is_no_cv_is_none() -> None:
    outcomes = {
        path.name: parse_here(path.read_bytes(), path.name).outcome
        for path in sorted(data("cv/edge_cases").glob("*.pdf"))
    }
    assert Outcome.PARSED not in outcomes.values()
    assert {Outcome.ENCRYPTED, Outcome.NO_CV} <= set(outcomes.values())


def test_roles_are_whole_in_every_theme() -> None:
    for path in sorted(data("cv/rendercv").glob("*Theme*.pdf")):
        draft = parse_here(path.read_bytes(), path.name).draft
        assert draft is not None
        roles = [
            (job.get("position"), job.get("name"), job.get("location"), job.get("startDate"))
            for job in draft.profile()["work"]
        ]
        assert roles == [
            ("Co-Founder & CTO", "Nexus AI", "San Francisco, CA", "2023-06"),
            ("Research Intern", "NVIDIA Research", "Santa Clara, CA", "2022-05"),
            ("Research Intern", "Google DeepMind", "London, UK", "2021-05"),
            ("Research Intern", "Apple ML Research", "Cupertino, CA", "2020-05"),
            ("Research Intern", "Microsoft Research", "Redmond, WA", "2019-05"),
        ], path.name
