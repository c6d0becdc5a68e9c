"""An import as it is asked for, and what became of each map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from journeys.document.diff import Change
from journeys.formats.base import Notice, ReadMap
from journeys.formats.joining import Match, OnMissing
from journeys.formats.registry import Format
from journeys.models import Draft, JourneyMap
from service.errors import Conflict, Issue, Problem, ValidationProblem
from service.preconditions import IfMatch

ISSUES_MAX = 1_000
MATCHES = "matches"
"""The option that is ours and no reader's: {pointer: id of the stored element, or null}."""


class WouldErase(Conflict):
    """409: stored elements are not in the bytes and hold what the format cannot say; `issues` names each."""

    code, title = "would_erase", "Stages or touchpoints would be lost with what the format cannot say."


class ImportRefused(ValidationProblem):
    """400: nothing was imported; `issues` names each map and, in words, the line or cell."""

    code, title = "import_refused", "The import cannot be taken as it is."


@dataclass(frozen=True, slots=True)
class Target:
    """What one map of the bytes becomes: laid over `into`, or a new map that goes by `key`."""

    into: JourneyMap | None = None
    expected: IfMatch | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An import as it was asked for. `on_missing`: see `joining.OnMissing`."""

    form: Format
    raw: bytes
    options: Mapping[str, Any] = field(default_factory=dict)
    on_missing: OnMissing = "refuse"


@dataclass(slots=True)
class Imported:
    """What became of one map. status: created, changed, unchanged, refused, skipped."""

    read: ReadMap
    status: str
    notices: list[Notice]
    journey_map: JourneyMap | None = None
    draft: Draft | None = None
    document: Mapping[str, Any] | None = None
    matches: Sequence[Match] = ()
    changes: Sequence[Change] = ()
    refusal: Problem | None = None
    """Where the state of the workspace stands in the way, and not the bytes."""


def read_maps(order: Order) -> tuple[ReadMap, ...]:
    """Return the maps in the bytes."""
    if order.form.read is None:
        raise ImportRefused([Issue("/format", "not_readable", f"{order.form.name} is only written.")])
    options = {name: value for name, value in order.options.items() if name != MATCHES}
    return order.form.read(order.raw, options)


def refusal_of(done: list[Imported]) -> Problem:
    """Return the refusal of an import of which one map at least cannot be taken."""
    refused = [each for each in done if each.status == "refused"]
    if len(refused) == 1 and refused[0].refusal is not None:
        return refused[0].refusal
    issues = []
    for index, each in enumerate(done):
        for notice in each.notices:
            if notice.weight == "invalid":
                where = ": ".join(part for part in (each.read.place, notice.place) if part)
                detail = f"{where}: {notice.detail}" if where else notice.detail
                issues.append(Issue(f"/maps/{index}", notice.code, detail))
    return ImportRefused(issues[:ISSUES_MAX])


def placed(issue: Issue, read: ReadMap) -> Notice:
    """Return an issue of the document as a notice where its author wrote it."""
    where = issue.pointer
    while where and where not in read.places:
        where = where.rpartition("/")[0]
    if where in read.places:
        return Notice(read.places[where], "invalid", issue.code, f"{issue.pointer}: {issue.detail}")
    return Notice(issue.pointer, "invalid", issue.code, issue.detail)
