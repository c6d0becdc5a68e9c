"""The sides of a merge, in the ids of the map that it goes into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from journeys import queries
from journeys.document.canonical import to_plain
from journeys.document.diff import matches, with_element_ids
from journeys.document.merge import OWN, WRITTEN, Resolution, as_own, elements_of, keeping
from journeys.document.minting import with_ids
from journeys.document.validate import parse
from journeys.models import JourneyMap
from journeys.queries import Moment
from service.errors import Issue, ValidationProblem
from service.ids import new_id

Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Incoming:
    """What is merged: a state of a map, or a document (`raw`). `base` None: what both share last."""

    source: Moment | None
    raw: Mapping[str, Any]
    base: Moment | None = None
    resolutions: tuple[Resolution, ...] = ()
    message: str = ""


@dataclass(frozen=True, slots=True)
class Sides:
    """Base (`was`) and theirs. `minted`: {element of another map: the id that its copy here would have}."""

    base: Moment
    was: Plain
    theirs: Plain
    minted: Mapping[str, str]


def sides_of(journey_map: JourneyMap, ours: Plain, incoming: Incoming) -> Sides:
    """Return the sides; personas of the library only referred to, as a draft has them.

    Raises ValidationProblem, InvalidDocument.
    """
    source = incoming.source
    if source is not None and source.journey_map.pk != journey_map.pk:
        return _of_other_map(journey_map, ours, source, incoming.base)
    base = incoming.base
    if base is None and source is not None:
        detail = "Say from which version of the map both went on."
        raise ValidationProblem([Issue("/base", "required", detail)])
    if base is not None and base.journey_map.pk != journey_map.pk:
        raise ValidationProblem([Issue("/base", "other_map", "A state of this map is expected.")])
    base = base or queries.latest_moment(journey_map)
    theirs = _drafted(source) if source else _sent(journey_map, ours, incoming.raw)
    was = keeping(_drafted(base), ours, WRITTEN)
    return Sides(base, was, keeping(theirs, ours, WRITTEN), {})


def _of_other_map(journey_map: JourneyMap, ours: Plain, source: Moment, given: Moment | None) -> Sides:
    other = source.journey_map
    base = given or queries.merge_base(journey_map, other)
    was, theirs = _drafted(base), _drafted(source)
    ids = queries.counterparts(journey_map, other)
    met = set(ids.values())
    for match in matches(ours, theirs, {}, {}):
        if match.target not in ids and match.source not in met:
            ids[match.target] = match.source
    of_other = [theirs, was] if base.journey_map.pk == other.pk else [theirs]
    unknown = {e["id"] for document in of_other for e in elements_of(document)} - ids.keys()
    minted = {own: str(new_id()) for own in sorted(unknown)}
    ids |= minted
    if base.journey_map.pk == journey_map.pk:
        was = keeping(was, ours, OWN)
    else:
        lines = (
            ids if base.journey_map.pk == other.pk else queries.counterparts(journey_map, base.journey_map)
        )
        was = as_own(was, ours, lines, {})
    past = {e["id"]: e["continues"] for side in (was, ours) for e in elements_of(side) if "continues" in e}
    return Sides(base, was, as_own(theirs, ours, ids, past), minted)


def _drafted(state: Moment) -> Plain:
    return queries.with_references(state.plain(), state.journey_map.workspace_id)


def _sent(journey_map: JourneyMap, ours: Plain, raw: Mapping[str, Any]) -> Plain:
    """Return a document that was sent, its elements matched by id and key."""
    given = {name: value for name, value in raw.items() if name != "etag"}
    document = to_plain(with_ids(parse(given), new_id))
    ids = {match.target: match.source for match in matches(ours, document, {}, {})}
    return queries.with_references(with_element_ids(document, ids), journey_map.workspace_id)
