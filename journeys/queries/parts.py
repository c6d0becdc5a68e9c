"""Elements as parts of a draft: found by id or key, shown with their ETag."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec

from journeys.document.bodies import Manifest, Placed, subtree_digests
from journeys.document.edit import ElementNotFound
from journeys.document.survey import as_id
from journeys.queries.outline import named

STAGE, TOUCHPOINT = "stage", "touchpoint"


def placed(manifest: Manifest, kind: str, ref: str) -> Placed:
    """Return the stage or touchpoint that an id or key names. Raises ElementNotFound."""
    own = as_id(ref) or str(named(manifest, ref) or "")
    for found in manifest.elements:
        if str(found.id) == own and (found.parent is None) == (kind == STAGE):
            return found
    raise ElementNotFound(f"The draft has no {kind} {ref!r}.")


def etag_of_element(manifest: Manifest, element_id: uuid.UUID) -> str:
    """Return the ETag of an element: its content with all that stands in it, wherever it stands itself."""
    return f'"{subtree_digests(manifest)[element_id]}"'


def shown_elements(manifest: Manifest, kind: str) -> list[dict[str, Any]]:
    """Return all stages or all touchpoints in the order drawn: as the document has them, with their `etag`.

    A stage has its touchpoints in it; a touchpoint says its `stage`.
    """
    etags = {own: f'"{digest}"' for own, digest in subtree_digests(manifest).items()}
    shown: list[dict[str, Any]] = []
    for found in manifest.elements:
        content: dict[str, Any] = msgspec.json.decode(found.body.content)
        plain = {"id": str(found.id), **content}
        if found.parent is not None and kind == STAGE:
            shown[-1].setdefault("touchpoints", []).append(plain)
        elif found.parent is not None:
            shown.append(plain | {"etag": etags[found.id], "stage": str(found.parent)})
        elif kind == STAGE:
            shown.append(plain | {"etag": etags[found.id]})
    return shown


def shown_element(manifest: Manifest, found: Placed) -> dict[str, Any]:
    """Return one element as `shown_elements` shows it."""
    own = tuple(p for p in manifest.elements if found.id in (p.id, p.parent))
    if found.parent is None:
        return shown_elements(Manifest(manifest.root, (), own), STAGE)[0]
    parent = next(p for p in manifest.elements if p.id == found.parent)
    return shown_elements(Manifest(manifest.root, (), (parent, *own)), TOUCHPOINT)[0]
