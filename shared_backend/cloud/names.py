"""Names that every provider takes, so that whatever is accepted can be replayed anywhere."""

from __future__ import annotations

import re

from pydantic import SecretStr

from shared_backend.cloud.errors import CloudInvalid

# Azure: 1,024 characters and 254 segments; S3: 1,024 bytes of UTF-8; files: 255 bytes a segment.
# What the fallback holds for the primary has a place of its own, one a write: two writers of one path can't overwrite
# each other there, and what the provider holds in its own right stays apart.
HELD = "pending-sync/"
_MAX_PATH_BYTES = 900
_MAX_SEGMENT_BYTES = 200
_MAX_SEGMENTS = 60
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\\]")
# Key Vault is the strictest: letters, digits and hyphens, 127 characters. It folds case, so only lower case is taken.
_SECRET = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,118}[a-z0-9])?")
# Key Vault takes 25 KiB, Secrets Manager 64 KiB and nothing empty.
MAX_SECRET_BYTES = 20 * 1024
# S3 takes 2 KiB, and our own write id and digests are in it too.
MAX_METADATA_BYTES = 1536
_META_KEY = re.compile(r"[a-z_][a-z0-9_]{0,60}")
_TOKEN = r"[A-Za-z0-9!#$&^_.+-]{1,90}"
_CONTENT_TYPE = re.compile(rf"{_TOKEN}/{_TOKEN}(?: *;[ -~]*)?")
_MAX_CONTENT_TYPE = 200
_WINDOWS = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))}
)


def check_path(path: str) -> str:
    """A blob's path as it is. Raises CloudInvalid that names what some provider would not take."""
    if not isinstance(path, str) or not path:
        raise CloudInvalid("A path has at least one character.")
    if len(path.encode("utf-8", "surrogatepass")) > _MAX_PATH_BYTES:
        raise CloudInvalid(f"The path is longer than {_MAX_PATH_BYTES} bytes.")
    if _FORBIDDEN.search(path):
        raise CloudInvalid("The path has a control character or a backslash in it.")
    segments = path.split("/")
    if len(segments) > _MAX_SEGMENTS:
        raise CloudInvalid(f"The path has more than {_MAX_SEGMENTS} parts.")
    for segment in segments:
        _check_segment(segment)
    return path


def _check_segment(segment: str) -> None:
    if segment in ("", ".", ".."):
        raise CloudInvalid("A path has no empty part, no . and no .. in it, and neither begins nor ends with a slash.")
    if segment != segment.strip() or segment.endswith("."):
        raise CloudInvalid(f"{segment!r} begins or ends with a space, or ends with a dot: Azure would change it.")
    if len(segment.encode()) > _MAX_SEGMENT_BYTES:
        raise CloudInvalid(f"A part of the path is longer than {_MAX_SEGMENT_BYTES} bytes.")
    if segment.split(".")[0].casefold() in _WINDOWS:
        raise CloudInvalid(f"{segment!r} is a device's name on some machines.")


def check_secret_name(name: str) -> str:
    """A secret's name as it is. Raises CloudInvalid."""
    if not isinstance(name, str) or not _SECRET.fullmatch(name):
        raise CloudInvalid("A secret's name is 1 to 120 lower-case letters, digits and hyphens, not at the ends.")
    return name


def check_secret_value(value: SecretStr) -> SecretStr:
    """A secret's value as it is: 1 byte to 20 KiB of UTF-8. Raises CloudInvalid, which does not show the value."""
    try:
        size = len(value.get_secret_value().encode())
    except UnicodeEncodeError:
        raise CloudInvalid("A secret is text; this one has half of a surrogate pair in it.") from None
    if not 1 <= size <= MAX_SECRET_BYTES:
        raise CloudInvalid(f"A secret has between 1 and {MAX_SECRET_BYTES:,} bytes; this one has {size:,}.")
    return value


def check_metadata(metadata: dict[str, str]) -> dict[str, str]:
    """Metadata as it is: keys that are identifiers in lower case, values of printable ASCII, 1.5 KiB in all.

    Raises CloudInvalid.
    """
    for key, value in metadata.items():
        if not _META_KEY.fullmatch(key):
            raise CloudInvalid(f"{key!r} can't be a metadata key: use lower-case letters, digits and _.")
        if not isinstance(value, str) or not value.isascii() or not value.isprintable() or value != value.strip():
            raise CloudInvalid(f"The metadata {key!r} must be printable ASCII without spaces at the ends.")
    if sum(len(key) + len(value) for key, value in metadata.items()) > MAX_METADATA_BYTES:
        raise CloudInvalid(f"Metadata may have {MAX_METADATA_BYTES:,} bytes in all.")
    return metadata


def check_content_type(content_type: str) -> str:
    """A blob's content type as it is: what a header may say, such as `text/plain; charset=utf-8`. Raises
    CloudInvalid."""
    if (
        not isinstance(content_type, str)
        or len(content_type) > _MAX_CONTENT_TYPE
        or not _CONTENT_TYPE.fullmatch(content_type)
        or content_type != content_type.strip()
    ):
        raise CloudInvalid(f"{str(content_type)[:80]!r} can't be a content type: use one like application/pdf.")
    return content_type
