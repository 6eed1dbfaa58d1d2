"""`intellicv cloud` as an operator types it; out of the box, with this machine alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from shared_backend.cli import main
from shared_backend.cli.cloud import Name
from shared_backend.cloud.contract import Capability
from shared_backend.services.backend import get_backend


def cloud(*arguments: str) -> Result:
    return CliRunner().invoke(main.app, ["cloud", *arguments])


def test_explain_says_who_serves_and_what_is_missing() -> None:
    said = cloud("explain", "--no-check").output
    assert "blobs: local serves. Route: azure, then local." in said
    assert "azure is passed over: Azure offers no blobs without INTELLICV_AZURE_STORAGE_CONNECTION_STRING" in said
    assert said.count(" serves. Route:") == len(Capability)
    found = json.loads(cloud("explain", "--json").output)
    assert [each["capability"] for each in found] == [str(each) for each in Capability]
    assert found[0]["findings"][0]["problem"] and found[0]["findings"][1]["problem"] is None


def test_probe_says_what_works_and_exits_accordingly() -> None:
    works, fails = cloud("probe", "local"), cloud("probe", "aws", "blobs")
    assert works.exit_code == 0 and works.output.count("  works  ") == len(Capability)
    assert fails.exit_code == 1 and "INTELLICV_AWS_S3_BUCKET" in fails.output
    assert cloud("probe", "gcp").exit_code == 1


def test_switch_and_back(tmp_path: Path) -> None:
    assert cloud("switch", "blobs", "local", "--reason", "a test").output.startswith("local serves blobs from now on:")
    assert "switched by system:" in cloud("explain", "--no-check").output
    assert "is served by azure, then local again" in cloud("rollback", "blobs").output
    refused = cloud("switch", "blobs", "azure")
    assert refused.exit_code == 1 and "Nothing was switched" in refused.output
    assert cloud("switch", "pictures", "local").exit_code == 2


def test_difference_and_carry_over(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cloud("difference", "blobs").output == cloud("carry-over", "blobs").output == "Nothing is anywhere else.\n"
    get_backend().cloud.put(b"12345", "a")
    said = cloud("difference", "blobs", "--from", "local", "--to", "aws")
    assert said.exit_code == 0 and "INTELLICV_AWS_S3_BUCKET" in said.output
    assert cloud("carry-over", "blobs", "--from", "local", "--to", "aws").exit_code == 1
    assert json.loads(cloud("difference", "secrets", "--json").output) == []
    refused = cloud("difference", "text")
    assert refused.exit_code == 1 and "nothing to carry over" in refused.output


def test_reconcile_with_nothing_to_do() -> None:
    done = cloud("reconcile")
    assert done.exit_code == 0 and "0 carried, 0 kept" in done.output
    assert json.loads(cloud("reconcile", "--json").output)["failed"] == 0


def test_the_names_of_the_capabilities_are_those_of_the_contract() -> None:
    assert [str(each) for each in Name] == [str(each) for each in Capability]


def test_another_folder_is_told_and_can_be_made_the_one() -> None:
    get_backend().cloud.put(b"12345", "a")
    local = get_backend().cloud.caller.providers.get("local")
    local.folder.rename(local.folder.with_name("another"))
    said = cloud("explain", "--no-check").output
    assert said.count("See to this: ") == 1 and "intellicv cloud adopt-folder" in said
    assert cloud("probe", "local", "blobs").exit_code == 1
    assert str(local.folder) in cloud("adopt-folder").output
    assert "See to this" not in cloud("explain", "--no-check").output
    assert cloud("probe", "local", "blobs").exit_code == 0
