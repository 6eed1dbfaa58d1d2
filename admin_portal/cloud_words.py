"""The clouds' terms as people say them, and what their pages share."""

from __future__ import annotations

import hashlib
import re
from types import MappingProxyType
from typing import Final

import streamlit as st

from shared_backend.portal_ui.states import empty
from shared_backend.portal_ui.text_safety import escape, inline

_PROVIDERS: Final = MappingProxyType({"azure": "Azure", "aws": "AWS", "local": "This machine"})
_CAPABILITIES: Final = MappingProxyType(
    {
        "blobs": ("Files", ":material/folder:"),
        "secrets": ("Secrets", ":material/key:"),
        "text": ("Text analysis", ":material/translate:"),
        "generation": ("Generation", ":material/edit_note:"),
        "embeddings": ("Embeddings", ":material/hub:"),
        "monitoring": ("Monitoring", ":material/monitoring:"),
    }
)
_TURNING: Final = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def provider_title(name: str | None) -> str:
    """`Azure`; what we don't know as it is."""
    return "nobody" if name is None else _PROVIDERS.get(name, name)


def provider_name(name: str | None) -> str:
    """The same in the middle of a sentence: `Azure`, `this machine`."""
    return "this machine" if name == "local" else provider_title(name)


def at_provider(name: str) -> str:
    """`on Azure`, `on this machine`."""
    return f"on {provider_name(name)}"


def capability_title(name: str) -> str:
    """`Text analysis` for `text`."""
    return _CAPABILITIES.get(name, (name, ""))[0]


def capability_icon(name: str) -> str:
    """The icon beside it."""
    return _CAPABILITIES.get(name, ("", ":material/cloud:"))[1]


def short_digest(sha256: str) -> str:
    """The first eight characters of a SHA-256 as code; nothing for what is none."""
    return f"`{sha256[:8]}`" if _DIGEST.fullmatch(sha256) else ""


def file_name(name: str, *, longest: int = 90) -> str:
    """A file's name as Markdown that shows it as it is, from its first to its last letter: what would turn the text
    around is left out, or `photo.exe` could look like `exe.photo`."""
    return inline(_TURNING.sub("", name), longest=longest)


def row_key(name: str) -> str:
    """A short name for a widget's key: a path may hold anything."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:10]


def where_badge(provider: str, waits_for: str | None) -> None:
    """Where something is, in words and colour."""
    if waits_for is None:
        st.badge(escape(provider_title(provider)), icon=":material/cloud_done:", color="green")
        return
    with st.container(horizontal=True, gap="xsmall"):
        st.badge(escape(provider_title(provider)), icon=":material/hard_drive:", color="gray")
        st.badge(f"Waits for {escape(provider_title(waits_for))}", icon=":material/cloud_upload:", color="orange")


def not_set_up(what: str, provider: str, error: Exception) -> None:
    """The state of a page whose provider lacks a setting or a package: what is missing, and the way around it."""
    empty(
        f"{escape(provider_title(provider))} is not set up for {what}",
        f"{escape(error)} Or let another provider serve {what}.",
        icon=":material/cloud_off:",
    )
    st.page_link("app_pages/providers.py", label="Providers", icon=":material/arrow_forward:")


def say(words: str, *, bad: bool = False) -> None:
    """A toast. `words` may hold names: it is escaped."""
    if bad:
        st.toast(escape(words), icon=":material/error:", duration="long")
    else:
        st.toast(escape(words), icon=":material/check_circle:")


def plural(count: int, one: str, many: str = "") -> str:
    """`3 files`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
