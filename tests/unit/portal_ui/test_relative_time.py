from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shared_backend.portal_ui.relative_time import exact, relative

NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=0), "just now"),
        (timedelta(seconds=-30), "just now"),
        (timedelta(hours=-2), "in a moment"),
        (timedelta(seconds=60), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=23), "23 hours ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=45), "1 month ago"),
        (timedelta(days=362), "1 year ago"),
        (timedelta(days=800), "2 years ago"),
    ],
)
def test_times_as_people_say_them(ago: timedelta, words: str) -> None:
    assert relative(NOW - ago, now=NOW) == words


def test_the_exact_time_is_in_the_zone_of_who_looks() -> None:
    assert exact(NOW, ZoneInfo("Europe/Berlin")) == "1 May 2030, 14:00:00 CEST"
    assert exact(NOW, UTC) == "1 May 2030, 12:00:00 UTC"
    assert exact(None) == relative(None) == "never"
