"""What an export shows: a version, or the draft with the library's personas in the place of references."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from journeys.document.canonical import canonical
from journeys.document.minting import persona_references
from journeys.document.personas import PersonaEntry
from journeys.document.shape import Document
from journeys.document.validate import parse
from journeys.models import JourneyMap, Version
from journeys.queries.content import draft_bytes, version_bytes
from journeys.queries.drafts import draft_of
from journeys.queries.personas import snapshots
from journeys.queries.versions import LATEST, latest_version, version_of

DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Exported:
    """A document to be written: `version` is None for the draft, `content` are its canonical bytes."""

    journey_map: JourneyMap
    version: Version | None
    content: bytes
    digest: str

    @property
    def label(self) -> str:
        """`v3`, or `draft`."""
        return f"v{self.version.number}" if self.version else DRAFT

    @property
    def ref(self) -> str:
        """What names it in a query: `3`, or `draft`."""
        return str(self.version.number) if self.version else DRAFT


def exported(journey_map: JourneyMap, ref: str = "") -> Exported:
    """Return what a number, an id, `latest` or `draft` names; "" is the latest, or the draft of a map that
    was never published. Raises NotFound."""
    version = None
    if not ref:
        version = latest_version(journey_map)
    elif ref != DRAFT:
        version = version_of(journey_map, ref or LATEST)
    if version is not None:
        return Exported(journey_map, version, version_bytes(version), bytes(version.digest).hex())
    content = full_draft(journey_map)
    return Exported(journey_map, None, content, sha256(content).hexdigest())


def full_draft(journey_map: JourneyMap) -> bytes:
    """Return the canonical bytes of the draft with the personas of the library as they are now."""
    content = draft_bytes(draft_of(journey_map))
    document = parse(content)
    references = persona_references(document)
    if not references:
        return content
    return canonical(with_library(document, journey_map.workspace_id, references))


def with_library(document: Document, workspace_id: uuid.UUID, references: Iterable[uuid.UUID]) -> Document:
    """Return the document with the library's personas for references; what left the library stays one."""
    library = snapshots(workspace_id, references)
    full = tuple(_full(entry, library) for entry in document.personas)
    return document.model_copy(update={"personas": full})


def _full(entry: PersonaEntry, library: dict[uuid.UUID, PersonaEntry]) -> PersonaEntry:
    if not entry.is_reference or entry.id not in library:
        return entry
    return library[entry.id].model_copy(update={"id": entry.id})
