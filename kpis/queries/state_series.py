"""The series that bindings select: of their KPI, or of those that it is made of."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

import msgspec

from kpis.queries.bindings import Term
from kpis.queries.sql import fetch, statement
from kpis.queries.state_rules import Meaning
from kpis.series.labels import EVERY

_SELECT = statement("selected_series")


class SelectedSeries(msgspec.Struct, frozen=True, gc=False):
    """A series as a binding finds it. measure: Series.revision; labels: their canonical text.
    part, restated_at: as of Series."""

    id: int
    measure: int
    labels: str
    feed_id: uuid.UUID | None
    told_at: datetime | None
    part: uuid.UUID | None
    restated_at: datetime | None = None


class Selected(msgspec.Struct, frozen=True, gc=False):
    """A binding with its series, by the KPI that has them: its own, or those that it is made of."""

    term: Term
    series: Mapping[uuid.UUID, tuple[SelectedSeries, ...]]

    @property
    def ids(self) -> list[int]:
        return [one.id for some in self.series.values() for one in some]

    @property
    def is_restated(self) -> bool:
        """Whether a settled figure of one of them was ever told otherwise."""
        return any(one.restated_at is not None for one in chain.from_iterable(self.series.values()))

    @property
    def feeds(self) -> set[uuid.UUID]:
        every = chain.from_iterable(self.series.values())
        return {one.feed_id for one in every if one.feed_id is not None}


class _Subject(msgspec.Struct, frozen=True, gc=False):
    subject: int
    kpi_id: uuid.UUID
    selector: Mapping[str, str]


class _Question:
    """Subjects of one statement: (KPI, selector) by their number."""

    def __init__(self) -> None:
        self.subjects: list[_Subject] = []

    def ask(self, kpi_id: uuid.UUID, selector: Mapping[str, str]) -> int:
        self.subjects.append(_Subject(len(self.subjects), kpi_id, selector))
        return len(self.subjects) - 1


def select_series(
    *,
    workspace_id: uuid.UUID,
    terms: Sequence[Term],
    meant: Mapping[uuid.UUID, Meaning],
    seen_for: Mapping[str, str],
) -> list[Selected]:
    """Return the series of each term, in the terms' order. One statement.

    Seen for a persona, a binding selects the persona's labels as well, if its KPI has such labels at all: a
    KPI that nobody tells apart keeps its own figure, and a persona without readings is `missing`.
    """
    question = _Question()
    asked: list[list[list[int]]] = []
    for term in terms:
        parts = meant[term.kpi_id].made.leaves
        narrow = {**term.selector, **seen_for}
        probe = {**term.selector, **dict.fromkeys(seen_for, EVERY)}
        selectors = [narrow, probe, term.selector] if seen_for else [term.selector]
        asked.append([[question.ask(part, selector) for part in parts] for selector in selectors])
    found = _select(workspace_id, question)
    return [
        _chosen(term, numbers, found, meant, seen_for) for term, numbers in zip(terms, asked, strict=True)
    ]


def _select(workspace_id: uuid.UUID, question: _Question) -> dict[int, list[SelectedSeries]]:
    found: dict[int, list[SelectedSeries]] = defaultdict(list)
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "subjects": msgspec.json.encode(question.subjects).decode(),
    }
    for subject, *series in fetch(_SELECT, values):
        found[subject].append(SelectedSeries(*series))
    return found


def _chosen(
    term: Term,
    numbers: Sequence[Sequence[int]],
    found: Mapping[int, list[SelectedSeries]],
    meant: Mapping[uuid.UUID, Meaning],
    seen_for: Mapping[str, str],
) -> Selected:
    """Take the persona's series where the KPI knows the persona's labels, else the binding's own."""
    taken = numbers[0]
    if seen_for:
        known = any(found.get(number) for number in numbers[1])
        taken = numbers[0] if known else numbers[2]
        term = msgspec.structs.replace(term, selector={**term.selector, **seen_for}) if known else term
    # Series of a measure that was not laid down yet at that instant say nothing of it.
    series = {
        kpi_id: tuple(one for one in found.get(number, ()) if one.measure in meant[kpi_id].by_measure)
        for number, kpi_id in zip(taken, meant[term.kpi_id].made.leaves, strict=True)
    }
    return Selected(term, series)
