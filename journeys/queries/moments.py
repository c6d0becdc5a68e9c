"""What a map said at some moment: a version, the draft, or whatever was published last at an instant.

A moment is named by a version's number or id, `latest`, `draft`, an RFC 3339 instant, or 0: the empty
document before the first version. `other-map@3` names one of another map of the workspace.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import msgspec

from journeys.document.bodies import EMPTY, Body, Manifest, assemble
from journeys.models import Draft, JourneyMap, Version
from journeys.queries.apart import versions_apart
from journeys.queries.content import draft_manifest, version_bytes, version_manifest
from journeys.queries.drafts import draft_of
from journeys.queries.maps import open_map
from journeys.queries.outline import outline
from journeys.queries.personas import snapshots, with_snapshots
from journeys.queries.versions import LATEST, latest_version, version_as_of, version_of
from journeys.queries.vocabularies import own_vocabularies, with_wording
from service.errors import Issue, NotFound, ValidationProblem

DRAFT, NOTHING = "draft", "0"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
_VERSION = re.compile(r"[1-9][0-9]{0,8}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True)
class Moment:
    """A map as it was, is or shall be: a version, the draft (`revision`), or nothing yet."""

    journey_map: JourneyMap
    version: Version | None = None
    draft: Draft | None = None

    @cached_property
    def manifest(self) -> Manifest | None:
        """Its parts; None for nothing. A draft is as publishing would take it: with the library and the words
        as they are now."""
        if self.version is not None:
            return version_manifest(self.version)
        if self.draft is None:
            return None
        found = draft_manifest(self.draft)
        library = snapshots(self.draft.workspace_id, self.draft.references) if self.draft.references else {}
        return with_wording(with_snapshots(found, library), own_vocabularies(self.draft.workspace_id))

    @cached_property
    def digest(self) -> bytes:
        """The SHA-256 of the content; 32 zeros for nothing."""
        if self.version is not None:
            return bytes(self.version.digest)
        return self.manifest.digest if self.manifest else bytes(32)

    @cached_property
    def content(self) -> bytes:
        """The canonical bytes; `{}` for nothing."""
        if self.version is not None:
            return version_bytes(self.version)
        return assemble(self.manifest) if self.manifest else b"{}"

    @property
    def title(self) -> str:
        """What the map was called then; "" for nothing."""
        return outline(self.root).name

    @cached_property
    def root(self) -> Body:
        """The content of the map itself, without stages and personas."""
        return (self.manifest or EMPTY).root

    def plain(self) -> dict[str, Any]:
        """Return the document as plain values, a new one each time."""
        return msgspec.json.decode(self.content, type=dict[str, Any])

    @property
    def name(self) -> str:
        """How it is called beside the map's name: `3`, `draft`, `0`."""
        return str(self.version.number) if self.version else DRAFT if self.draft else NOTHING


def read_apart(source: Moment, target: Moment) -> tuple[Manifest, Manifest]:
    """Return what both moments of one map are made of, as far as `paired` needs it to tell what differs."""
    if source.version is None or target.version is None:
        return source.manifest or EMPTY, target.manifest or EMPTY
    found = versions_apart(source.version, target.version)
    for end, manifest in zip((source, target), found, strict=True):
        vars(end)["root"] = manifest.root
    return found


def moment(here: JourneyMap, text: str, *, at: datetime, pointer: str) -> Moment:
    """Return what `text` names: of `here`, or of the map before an `@`. `at` is now.

    Raises NotFound where there is no such map or version (then), ValidationProblem at `pointer`.
    """
    ref, at_sign, name = text.rpartition("@")
    row = open_map(here.workspace_id, ref) if at_sign else here
    if name == NOTHING:
        return Moment(row)
    if name == DRAFT:
        return draft_moment(row)
    if name == LATEST or _VERSION.fullmatch(name):
        return Moment(row, version=version_of(row, name))
    if _INSTANT.fullmatch(name):
        return Moment(row, version=_as_of(row, name, at, pointer))
    detail = "Use a version's number or id, latest, draft, 0, or an instant such as 2026-11-21T09:00:00Z."
    raise ValidationProblem([Issue(pointer, "invalid_moment", detail)])


def chosen_moment(here: JourneyMap, text: str | None, *, at: datetime, pointer: str) -> Moment:
    """Return what `text` names, which says something; without it what was published last, or the draft of a
    map that never was. Raises as `moment`, also for 0."""
    if text is not None:
        found = moment(here, text, at=at, pointer=pointer)
        if found.name == NOTHING:
            raise ValidationProblem([Issue(pointer, "invalid_moment", "At 0 the map says nothing yet.")])
        return found
    version = latest_version(here)
    return Moment(here, version=version) if version else draft_moment(here)


def latest_moment(journey_map: JourneyMap) -> Moment:
    """Return the version published last, or nothing."""
    return Moment(journey_map, version=latest_version(journey_map))


def draft_moment(journey_map: JourneyMap) -> Moment:
    """Return the draft as it is now."""
    return Moment(journey_map, draft=draft_of(journey_map))


def _as_of(row: JourneyMap, name: str, at: datetime, pointer: str) -> Version | None:
    try:
        instant = datetime.fromisoformat(name.upper()).astimezone(UTC)
        known = version_as_of(row.workspace_id, row.pk, instant)
    except (ValueError, OverflowError):
        raise ValidationProblem([Issue(pointer, "invalid_moment", "There is no such instant.")]) from None
    if instant > at:
        raise ValidationProblem([Issue(pointer, "in_the_future", "An instant that has passed is expected.")])
    if known is None:
        raise NotFound(f"The map had no version at {name}.")
    return known
