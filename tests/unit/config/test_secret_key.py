from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared_backend.config.secret_key import read_or_create_secret, weakness


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_secret_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        first = read_or_create_secret(tmp_path / "var")
    finally:
        os.umask(before)
    folder = tmp_path / "var" / "secrets"
    assert _mode(folder) == 0o700
    assert _mode(folder / "secret_key") == 0o600
    assert weakness(first) is None
    assert read_or_create_secret(tmp_path / "var") == first
    assert [path.name for path in folder.iterdir()] == ["secret_key"]


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    for attempt in range(20):
        with ThreadPoolExecutor(8) as pool:
            secrets = set(pool.map(read_or_create_secret, [tmp_path / str(attempt)] * 8))
        assert len(secrets) == 1


def test_a_file_open_to_others_is_closed_again(tmp_path: Path) -> None:
    secret = read_or_create_secret(tmp_path)
    path = tmp_path / "secrets" / "secret_key"
    path.chmod(0o644)
    assert read_or_create_secret(tmp_path) == secret
    assert _mode(path) == 0o600


def test_a_file_cut_short_is_not_replaced_in_silence(tmp_path: Path) -> None:
    read_or_create_secret(tmp_path)
    (tmp_path / "secrets" / "secret_key").write_text("abc")
    with pytest.raises(OSError, match="cut short"):
        read_or_create_secret(tmp_path)
