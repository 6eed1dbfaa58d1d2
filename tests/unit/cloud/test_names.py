"""Names that every provider takes."""

from __future__ import annotations

import pytest

from shared_backend.cloud.errors import CloudInvalid
from shared_backend.cloud.names import check_content_type, check_metadata, check_path, check_secret_name


@pytest.mark.parametrize("path", ["a", "cv/2026/müller.pdf", "履歴書/一.pdf", "a b/c(1).txt", "x" * 200, "a/.hidden"])
def test_a_path_that_all_take(path: str) -> None:
    assert check_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/a",
        "a/",
        "a//b",
        "../a",
        "a/./b",
        "a\\b",
        "a\x00b",
        "a\n",
        "dot.",
        " a",
        "a /b",
        "nul.txt",
        "x" * 201,
        "é" * 101,
    ],
)
def test_a_path_that_some_would_refuse_or_change(path: str) -> None:
    with pytest.raises(CloudInvalid):
        check_path(path)


def test_a_path_too_long_in_all() -> None:
    with pytest.raises(CloudInvalid, match="900 bytes"):
        check_path("/".join(["x" * 100] * 10))


@pytest.mark.parametrize("name", ["a", "openai-key", "k9", "x" * 120])
def test_a_secret_name_that_all_take(name: str) -> None:
    assert check_secret_name(name) == name


@pytest.mark.parametrize("name", ["", "A", "a_b", "-a", "a-", "ä", "x" * 121, "a.b"])
def test_a_secret_name_that_key_vault_would_refuse_or_fold(name: str) -> None:
    with pytest.raises(CloudInvalid):
        check_secret_name(name)


@pytest.mark.parametrize(
    "metadata", [{"Key": "x"}, {"k": "ä"}, {"k": " x"}, {"k": "a\nb"}, {"1k": "x"}, {"k": "x" * 4096}]
)
def test_metadata_that_some_would_change(metadata: dict[str, str]) -> None:
    with pytest.raises(CloudInvalid):
        check_metadata(metadata)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/pdf",
        "application/octet-stream",
        "text/plain; charset=utf-8",
        "text/csv;header=present",
        "image/svg+xml",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ],
)
def test_a_content_type_that_all_take(content_type: str) -> None:
    assert check_content_type(content_type) == content_type


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "pdf",
        "text/",
        "text/plain ",
        "text/plain\r\nx-ms-blob-type: PageBlob",
        "text/plain; charset=utf-8\n",
        "text/plain\x00",
        "text/plain;\u00e4",
        "text/<b>",
        "text/plain; " + "x" * 200,
    ],
)
def test_a_content_type_that_no_header_may_say(content_type: str) -> None:
    with pytest.raises(CloudInvalid, match="content type"):
        check_content_type(content_type)
