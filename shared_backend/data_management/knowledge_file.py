"""The knowledge file: datasets of all sources in one file, as the product ships it.

A zip archive with everything in a fixed order and without times, so that equal contents make equal bytes.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from shared_backend.data_management.dataset import Dataset, DatasetDamaged, Manifest
from shared_backend.utils.exception_handler import InvalidInput

FORMAT = 1
_INDEX = "index.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def base_file() -> Path:
    """The knowledge that this release of the product ships."""
    return Path(__file__).parent / "base" / "knowledge.zip"


def write_knowledge(path: Path, datasets: Iterable[Dataset]) -> int:
    """Writes datasets to a file, whole or not at all, and answers its size in bytes."""
    from shared_backend.database.types import to_json

    ordered = sorted(datasets, key=lambda dataset: dataset.manifest.source)
    index = {
        "format": FORMAT,
        "datasets": [{"manifest": dataset.manifest.as_dict(), "tables": sorted(dataset.names)} for dataset in ordered],
    }
    part = path.with_name(f".{path.name}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr(_entry(_INDEX), to_json(index))
            for dataset in ordered:
                for name in sorted(dataset.names):
                    archive.writestr(_entry(f"{dataset.manifest.source}/{name}"), dataset.packed(name))
        part.replace(path)
    except OSError as error:
        raise InvalidInput(f"{path} could not be written: {error.strerror or error}.") from error
    finally:
        part.unlink(missing_ok=True)
    return path.stat().st_size


def read_knowledge(path: Path) -> dict[str, Dataset]:
    """The datasets of a knowledge file, by source. Raises DatasetDamaged for a file that is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            index = json.loads(archive.read(_INDEX))
        if index["format"] != FORMAT:
            raise DatasetDamaged(f"{path} has form {index['format']}, and this release of IntelliCV reads {FORMAT}.")
        found = [(Manifest.from_dict(entry["manifest"]), tuple(entry["tables"])) for entry in index["datasets"]]
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise DatasetDamaged(f"{path} is not a knowledge file: {error}.") from error
    return {
        manifest.source: Dataset(manifest, partial(_read, path, manifest.source), names) for manifest, names in found
    }


def _read(path: Path, source: str, name: str) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.read(f"{source}/{name}")
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise DatasetDamaged(f"{path} lacks {source}/{name}: {error}.") from error


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.external_attr = 0o644 << 16
    return entry
