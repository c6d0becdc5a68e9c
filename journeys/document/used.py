"""Which words a stored document uses, read from its bodies without the rest."""

from __future__ import annotations

import msgspec

from .bodies import Manifest
from .wording import Uses


class _Root(msgspec.Struct):
    actor_kind: str = "customer"
    stage_vocabulary: str = ""


class _Part(msgspec.Struct):
    channels: tuple[str, ...] = ()
    kind: str = ""
    actor_kind: str = ""


_root = msgspec.json.Decoder(_Root)
_part = msgspec.json.Decoder(_Part)


def words_used(manifest: Manifest) -> Uses:
    """Return the words of a document that is taken apart."""
    root = _root.decode(manifest.root.content)
    parts = [_part.decode(placed.body.content) for placed in manifest.elements]
    people = [_part.decode(placed.body.content) for placed in manifest.personas]
    return Uses(
        channels=frozenset(channel for part in parts for channel in part.channels),
        touchpoint_kinds=frozenset(part.kind for part in parts),
        actor_kinds=frozenset([root.actor_kind, *(person.actor_kind for person in people)]),
        stages=root.stage_vocabulary,
    )
