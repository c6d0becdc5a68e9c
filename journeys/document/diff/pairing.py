"""Two stored documents as plain values to compare: what is the same in both is cut down to its names.

Most of two versions is the same, and has the same bodies: it is not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from journeys.document.bodies import Body, Manifest

Cut = Mapping[UUID, Mapping[str, Any]]


class _Named(msgspec.Struct, omit_defaults=True):
    """What changes and their story say of a thing that did not change itself."""

    name: str = ""
    key: str = ""


_names = msgspec.json.Decoder(_Named)


def paired(old: Manifest, new: Manifest) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return both documents; elements of equal content have `id`, `name` and `key` alone.

    `diff` of these is `diff` of the whole: what equal elements hold is equal, too.
    """
    there = {(placed.id, placed.body.digest) for placed in new.elements}
    cut = {
        placed.id: msgspec.to_builtins(_names.decode(placed.body.content)) | {"id": str(placed.id)}
        for placed in old.elements
        if (placed.id, placed.body.digest) in there
    }
    return _plain(old, cut), _plain(new, cut)


def _plain(manifest: Manifest, cut: Cut) -> dict[str, Any]:
    document = _whole(manifest.root)
    if manifest.personas:
        document["personas"] = [_whole(p.body) | {"id": str(p.id)} for p in manifest.personas]
    stages: dict[UUID, dict[str, Any]] = {}
    for placed in manifest.elements:
        element = dict(cut[placed.id]) if placed.id in cut else _whole(placed.body) | {"id": str(placed.id)}
        if placed.parent is None:
            stages[placed.id] = element
        else:
            stages[placed.parent].setdefault("touchpoints", []).append(element)
    return document | ({"stages": list(stages.values())} if stages else {})


def _whole(body: Body) -> dict[str, Any]:
    return msgspec.json.decode(body.content, type=dict[str, Any])
