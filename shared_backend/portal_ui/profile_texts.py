"""The texts of a profile's cards by the keys of the containers that they stand in: what is sent ahead of a redraw."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from shared_backend.identity.actor import Actor
from shared_backend.lockstep.topics import part_kind
from shared_backend.portal_ui.profile_desk import KIND
from shared_backend.portal_ui.profile_sections import SECTIONS, SectionSpec
from shared_backend.portal_ui.topics import Topic
from shared_backend.services.portal_bridge import PortalBridge
from shared_backend.utils.exception_handler import IntelliCVError

_MOST = 32_000  # characters: a longer section is faster drawn than sent twice


def topic_of(spec: SectionSpec) -> str:
    """The kind of the topic that a section's card listens to."""
    return part_kind(KIND, ".".join(spec.path))


_BY_TOPIC: Final = {topic_of(spec): spec for spec in SECTIONS}


def value_key(spec: SectionSpec, field: str, entry_id: str | None = None) -> str:
    """The key of the container that a value stands in."""
    return f"value_{spec.key}_{field}" + ("" if entry_id is None else f"_{entry_id}")


def section_texts(spec: SectionSpec, data: dict[str, Any]) -> dict[str, str]:
    """Container key → text, of the values of one section that are shown as one piece of text each."""
    held = spec.read(data)
    entries = [(entry["id"], entry) for entry in held] if spec.is_list else [(None, held)]
    texts = {
        value_key(spec, each.name, entry_id): text
        for entry_id, holder in entries
        for each in spec.fields
        if each.widget not in ("lines", "date") and (text := each.text(holder))
    }
    return texts if sum(map(len, texts.values())) <= _MOST else {}


def has_texts(topics: Collection[Topic]) -> bool:
    """Whether a change of any of these can be told in texts."""
    return any(kind in _BY_TOPIC and entity_id for kind, entity_id in topics)


def texts_of(bridge: PortalBridge, actor: Actor, topics: Collection[Topic]) -> Mapping[str, str]:
    """The texts of the sections among `topics` as they are now; none of a profile that is gone or not theirs to see."""
    texts: dict[str, str] = {}
    for entity_id in {entity_id for kind, entity_id in topics if entity_id and kind in _BY_TOPIC}:
        try:
            entity = bridge.get(KIND, entity_id, actor=actor)
        except IntelliCVError:
            continue  # its redraw says why
        if not entity.deleted:
            for kind, about in topics:
                if about == entity_id and kind in _BY_TOPIC:
                    texts |= section_texts(_BY_TOPIC[kind], entity.data)
    return texts
