"""What a draft must fulfil to be published, beyond being a valid document: what it names must be there."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator

from journeys import queries
from journeys.document.bodies import Manifest
from journeys.document.personas import PersonaEntry
from journeys.document.pointers import pointer
from journeys.models import Draft, Element
from service.errors import Issue, Unprocessable
from service.tenancy import advisory_lock


class PublishRefused(Unprocessable):
    """422: the draft names what is not there; `issues` has a pointer into the draft for each."""

    code, title = "publish_refused", "The draft cannot be published as it is."


def publishable(draft: Draft) -> Manifest | None:
    """Return a locked draft with what a version keeps of the library and of the workspace's words as they
    are now: personas in the place of references, and `wording`.

    None where it refers to neither: it is published as it is. Raises PublishRefused with everything that is
    named and not there.
    """
    own = queries.own_vocabularies(draft.workspace_id)
    if not draft.references and not draft.links and not own:
        return None
    manifest = queries.draft_manifest(draft)
    library = queries.snapshots(draft.workspace_id, draft.references) if draft.references else {}
    issues = [
        *_personas(manifest, library),
        *_continued(draft, manifest),
        *_parent(draft, manifest),
    ]
    if issues:
        told = "; ".join(f"{issue.pointer}: {issue.detail}" for issue in issues[:3])
        raise PublishRefused(told, issues=issues)
    filled = queries.with_snapshots(manifest, library) if library else manifest
    filled = queries.with_wording(filled, own) if own else filled
    return None if filled is manifest else filled


def _personas(manifest: Manifest, library: dict[uuid.UUID, PersonaEntry]) -> Iterator[Issue]:
    keys: Counter[str] = Counter()
    for index, placed in enumerate(manifest.personas):
        entry = queries.outline(placed.body)
        snapshot = library.get(placed.id)
        if not entry.name and snapshot is None:
            detail = "The library has no such persona: it was never there, or archived."
            yield Issue(pointer("personas", index, "id"), "unknown_persona", detail)
        key = snapshot.key if snapshot and not entry.name else entry.key
        keys[key] += 1
        if key and keys[key] > 1:
            yield Issue(pointer("personas", index), "duplicate_key", f"Another persona has the key {key!r}.")


def _continued(draft: Draft, manifest: Manifest) -> Iterator[Issue]:
    """What an element continues must have been an element of this map."""
    named: dict[uuid.UUID, list[str]] = {}
    for where, earlier in _continuations(manifest):
        named.setdefault(earlier, []).append(where)
    if not named:
        return
    rows = queries.elements_of_map(draft.workspace_id, draft.journey_map_id).filter(id__in=list(named))
    known = set(rows.values_list("id", flat=True))
    for own in named.keys() - known:
        for where in named[own]:
            yield Issue(where, "unknown_element", "This map never had an element of this id.")


def _continuations(manifest: Manifest) -> Iterator[tuple[str, uuid.UUID]]:
    stage = touchpoint = -1
    for placed in manifest.elements:
        if placed.parent is None:
            stage, touchpoint = stage + 1, -1
        else:
            touchpoint += 1
        for index, earlier in enumerate(queries.outline(placed.body).continues):
            within = ("touchpoints", touchpoint) if placed.parent else ()
            yield pointer("stages", stage, *within, "continues", index), earlier


def _parent(draft: Draft, manifest: Manifest) -> Iterator[Issue]:
    """A tactical map hangs on a touchpoint of another map of the workspace, and on none below itself."""
    parent = queries.outline(manifest.root).parent_touchpoint
    if parent is None:
        return
    # Two maps that are published at once must not each find the other above them in the end.
    advisory_lock("maps above", draft.workspace_id)
    rows = Element.objects.filter(workspace_id=draft.workspace_id, id=parent, kind=Element.Kind.TOUCHPOINT)
    upper = rows.exclude(journey_map_id=draft.journey_map_id).first()
    if upper is None:
        yield Issue("/parent_touchpoint", "unknown_touchpoint", "No other map has this touchpoint.")
    elif draft.journey_map_id in queries.maps_above(draft.workspace_id, upper.journey_map_id):
        detail = "The map of this touchpoint is itself a detail of this map."
        yield Issue("/parent_touchpoint", "cycle", detail)
