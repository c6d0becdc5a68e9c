"""Two versions of one map, read as far as they differ.

Numbers tell what is the same without a look at it: equal content is one body. Of 200 versions that differ in
a touchpoint each, two are compared by reading one stage of either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from journeys.document.bodies import Body, Manifest, Placed
from journeys.models import Version
from service.errors import NotFound
from service.sql import fetch

_NUMBERS = (Path(__file__).parent / "sql" / "version_numbers.sql").read_text()
_BODIES = (
    "SELECT id, content, digest FROM body "
    "WHERE workspace_id = %(workspace)s AND id = ANY(%(numbers)s::bigint[])"
)


class _Row(NamedTuple):
    number: int
    root: int
    persona_ids: list[UUID]
    personas: list[int]
    elements: list[int]
    bodies: list[int]
    known: list[int] | None
    ids: list[UUID] | None
    are_stages: list[bool] | None

    def named(self) -> dict[int, UUID]:
        """Return the ids of all elements of both versions by their numbers."""
        return dict(zip(self.known or (), self.ids or (), strict=True))

    def heads(self) -> set[int]:
        """Return the numbers of those that are stages."""
        return {own for own, stage in zip(self.known or (), self.are_stages or (), strict=True) if stage}


@dataclass(frozen=True, slots=True)
class _Stage:
    """A stage with its touchpoints: (number of the element, number of its body) each."""

    own: tuple[int, int]
    inner: tuple[tuple[int, int], ...]


def versions_apart(old: Version, new: Version) -> tuple[Manifest, Manifest]:
    """Return the manifests of two versions of one map without what stands in stages that are the same.

    `paired` makes of these what it makes of the whole. Where the roots differ nothing is left out: what
    they say may name any touchpoint. Raises NotFound: purged.
    """
    scope = {"workspace": old.workspace_id, "map": old.journey_map_id}
    wanted = {"numbers": [old.number, new.number]}
    rows = {row.number: row for row in (_Row(*found) for found in fetch(_NUMBERS, scope | wanted))}
    if not {old.number, new.number} <= rows.keys():
        raise NotFound("The map was purged.")
    sides = rows[old.number], rows[new.number]
    named, heads = sides[0].named(), sides[0].heads()
    before, after = (list(_stages(row, heads)) for row in sides)
    same = set(before) & set(after) if sides[0].root == sides[1].root else set[_Stage]()
    read = {
        body
        for row, stages in zip(sides, (before, after), strict=True)
        for body in (row.root, *row.personas, *_bodies(stages, same))
    }
    bodies = {own: Body(c, d) for own, c, d in fetch(_BODIES, scope | {"numbers": list(read)})}
    return _manifest(sides[0], before, same, named, bodies), _manifest(sides[1], after, same, named, bodies)


def _stages(row: _Row, heads: set[int]) -> Iterator[_Stage]:
    listed = list(zip(row.elements, row.bodies, strict=True))
    places = [place for place, (number, _) in enumerate(listed) if number in heads]
    for place, following in zip(places, (*places[1:], len(listed)), strict=True):
        yield _Stage(listed[place], tuple(listed[place + 1 : following]))


def _bodies(stages: list[_Stage], same: set[_Stage]) -> Iterator[int]:
    for stage in stages:
        yield stage.own[1]
        if stage not in same:
            yield from (body for _, body in stage.inner)


def _manifest(
    row: _Row,
    stages: list[_Stage],
    same: set[_Stage],
    ids: Mapping[int, UUID],
    bodies: Mapping[int, Body],
) -> Manifest:
    personas = zip(row.persona_ids, row.personas, strict=True)
    elements: list[Placed] = []
    for stage in stages:
        number, body = stage.own
        elements.append(Placed(ids[number], None, bodies[body]))
        if stage not in same:
            elements.extend(Placed(ids[n], ids[number], bodies[b]) for n, b in stage.inner)
    return Manifest(
        bodies[row.root], tuple(Placed(own, None, bodies[body]) for own, body in personas), tuple(elements)
    )
