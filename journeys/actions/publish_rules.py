"""What a draft must fulfil to be published, beyond being a valid document: what it names must be there."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from journeys import queries
from journeys.document.canonical import to_plain
from journeys.document.format import needs_format
from journeys.document.pointers import pointer
from journeys.models import Draft, Element
from service.errors import Issue, Unprocessable


class PublishRefused(Unprocessable):
    """422: the draft names what is not there; `issues` has a pointer into the draft for each."""

    code, title = "publish_refused", "The draft cannot be published as it is."


def publishable(draft: Draft) -> dict[str, Any]:
    """Return the draft's document as plain JSON with the personas of the library in place of references.

    Raises PublishRefused.
    """
    plain: dict[str, Any] = msgspec.json.decode(bytes(draft.document))
    issues = [*_fill_personas(draft, plain), *_continued(draft, plain), *_parent(draft, plain)]
    if issues:
        raise PublishRefused(
            "; ".join(f"{issue.pointer}: {issue.detail}" for issue in issues[:3]), issues=issues
        )
    return plain


def _fill_personas(draft: Draft, plain: dict[str, Any]) -> Iterator[Issue]:
    if not draft.personas:
        return
    library = queries.snapshots(draft.workspace_id, draft.personas)
    entries = plain["personas"]
    for index, entry in enumerate(entries):
        if "name" in entry:
            continue
        snapshot = library.get(uuid.UUID(entry["id"]))
        if snapshot is None:
            detail = "The library has no such persona: it was never there, or archived."
            yield Issue(pointer("personas", index, "id"), "unknown_persona", detail)
            continue
        entries[index] = to_plain(snapshot)
        plain["format"] = max(plain["format"], *needs_format(snapshot).values(), 1)
    keys = Counter(entry["key"] for entry in entries if entry.get("key"))
    for index, entry in enumerate(entries):
        if keys[entry.get("key", "")] > 1:
            yield Issue(pointer("personas", index), "duplicate_key", "Two personas have this key.")


def _continued(draft: Draft, plain: dict[str, Any]) -> Iterator[Issue]:
    """What an element continues must have been an element of this map."""
    named: dict[str, list[str]] = {}
    for s, stage in enumerate(plain.get("stages", ())):
        _collect(named, stage, pointer("stages", s))
        for t, touchpoint in enumerate(stage.get("touchpoints", ())):
            _collect(named, touchpoint, pointer("stages", s, "touchpoints", t))
    if not named:
        return
    rows = queries.elements_of_map(draft.workspace_id, draft.journey_map_id).filter(id__in=list(named))
    known = {str(own) for own in rows.values_list("id", flat=True)}
    for own, places in named.items():
        if own not in known:
            for where in places:
                yield Issue(where, "unknown_element", "This map never had an element of this id.")


def _collect(named: dict[str, list[str]], element: dict[str, Any], where: str) -> None:
    for index, earlier in enumerate(element.get("continues", ())):
        named.setdefault(earlier, []).append(where + pointer("continues", index))


def _parent(draft: Draft, plain: dict[str, Any]) -> Iterator[Issue]:
    """A tactical map hangs on a touchpoint of another map of the workspace."""
    parent = plain.get("parent_touchpoint")
    if parent is None:
        return
    rows = Element.objects.filter(workspace_id=draft.workspace_id, id=parent, kind=Element.Kind.TOUCHPOINT)
    if not rows.exclude(journey_map_id=draft.journey_map_id).exists():
        yield Issue("/parent_touchpoint", "unknown_touchpoint", "No other map has this touchpoint.")
