"""Which items of a batch their KPIs take: pure checks."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, NamedTuple

import msgspec

from kpis.actions.readings_feed import Delivery
from kpis.queries.definitions import Accepting
from kpis.series.definition import Definition
from kpis.series.intake import Observed
from kpis.series.intake_batch import Intake
from kpis.series.intake_flows import BASE_KEY
from kpis.series.intake_sides import NUMERATOR, side_of
from kpis.series.labels import check_labels, labels_key
from kpis.series.reading_in import ReadingIn
from service.errors import Issue

_NEVER = datetime.min.replace(tzinfo=UTC)
_UNKNOWN = Issue("/kpi", "unknown_kpi", "There is no such KPI here.")


Wanted = tuple[uuid.UUID, int, str, uuid.UUID | None]
"""What a series is found by: KPI, measure, labels_key; and its feed, where the KPI keeps feeds apart."""


class Address:
    """The series that items are for, one object for all of a delivery that name it alike.

    labels: the canonical text of the label set. delivery: its number. feed_id: whose it is. part: the feed,
    where the KPI keeps feeds apart.
    """

    __slots__ = ("delivery", "feed_id", "labels", "part", "stocked", "taker", "wanted")

    def __init__(self, taker: Accepting, labels: str, delivery: int, feed_id: uuid.UUID | None) -> None:
        kpi = taker.kpi
        self.taker, self.labels, self.delivery, self.feed_id = taker, labels, delivery, feed_id
        self.stocked = kpi.definition.stocked
        self.part = feed_id if kpi.definition.combine else None
        self.wanted: Wanted = (kpi.kpi_id, kpi.measure, labels, self.part)


class Checked(msgspec.Struct, frozen=True, gc=False):
    """An item that its KPI takes. index: its place among the items of all deliveries.

    follows: what is known reads otherwise because of another item, which was `new` or `known` itself; or it
    was `sent`, and reads as follows from what else is known. sided: one side of a rate, told by itself.
    """

    index: int
    address: Address
    observed: Observed
    retracted: bool
    reason: str | None
    follows: Literal["new", "known", "sent"] | None = None
    sided: bool = False

    @property
    def based(self) -> bool:
        """Whether it is a base, which anybody may give: it is no part of what a feed tells."""
        return self.address.stocked and self.observed.key.startswith(BASE_KEY)

    @property
    def free(self) -> bool:
        """Whether any feed may tell it, and makes no series its own by that: a base, or a numerator.

        What is opened or answered counts with what it is divided by, once, whoever told of that; so what
        follows for the other side is free, too.
        """
        if not self.sided:
            return self.based
        return self.follows in ("new", "known") or side_of(self.observed.key)[0] == NUMERATOR


@dataclass(slots=True)
class Checks:
    """What items came to: those that are taken, and by index what is wrong with the others.

    definitions: of the KPIs that take them. sided: whether any is one side of a rate.
    """

    items: list[Checked]
    refused: dict[int, tuple[Issue, ...]]
    definitions: list[Definition]
    sided: bool = False

    @property
    def paired(self) -> bool:
        """Whether what is recorded of any follows from what is told of another thing."""
        return self.sided or any(one.stocked for one in self.definitions)

    @property
    def banded(self) -> bool:
        """Whether any may be suspect."""
        return any(one.reading_band is not None for one in self.definitions)


def check_items(*, takers: Mapping[str, Accepting], deliveries: Sequence[Delivery], at: datetime) -> Checks:
    """Check items by their KPIs. takers: by reference."""
    label_sets = _LabelSets()
    slots = _Slots(takers, at)
    items: list[Checked] = []
    refused: dict[int, tuple[Issue, ...]] = {}
    any_sided = False
    index = -1
    for number, delivery in enumerate(deliveries):
        addresses: dict[tuple[str, str], Address] = {}
        for item in delivery.items:
            index += 1
            slot = slots[item.kpi]
            if slot is None:
                refused[index] = (_UNKNOWN,)
                continue
            labels = label_sets.key_of(item.labels) if item.labels else "{}"
            observed = slot.observe(item)
            if not isinstance(observed, Observed) or not isinstance(labels, str):
                refused[index] = _wrong(labels, observed)
                continue
            named = (item.kpi, labels)
            try:
                address = addresses[named]
            except KeyError:
                address = addresses[named] = Address(slot.taker, labels, number, delivery.feed.id)
            sided = item.side is not None and not address.stocked
            any_sided = any_sided or sided
            items.append(Checked(index, address, observed, item.retract, item.reason, None, sided))
    return Checks(items, refused, slots.definitions, any_sided)


def _wrong(labels: str | tuple[Issue, ...], observed: Observed | Sequence[Issue]) -> tuple[Issue, ...]:
    wrong = () if isinstance(labels, str) else labels
    return (*wrong, *(() if isinstance(observed, Observed) else observed))


class _Slot(NamedTuple):
    """A KPI, and what takes its items."""

    taker: Accepting
    observe: Callable[[ReadingIn], Observed | list[Issue]]


class _Slots(dict[str, _Slot | None]):
    """Slots by reference, made when first asked for; None of what is no KPI."""

    def __init__(self, takers: Mapping[str, Accepting], at: datetime) -> None:
        self._takers, self._at = takers, at
        # KPIs that are measured alike share a definition, and periods with it.
        self._intakes: dict[int, Intake] = {}
        self.definitions: list[Definition] = []

    def __missing__(self, ref: str) -> _Slot | None:
        self[ref] = slot = self._made(self._takers.get(ref))
        return slot

    def _made(self, taker: Accepting | None) -> _Slot | None:
        if taker is None:
            return None
        definition = taker.kpi.definition
        intake = self._intakes.get(id(definition))
        if intake is None:
            intake = Intake(definition, at=self._at, history_from=taker.history_from)
            self._intakes[id(definition)] = intake
            self.definitions.append(definition)
        return _Slot(taker, intake.observe)


def latest_of(checked: Sequence[Checked], at: datetime) -> dict[Wanted, datetime]:
    """Where the last reading for each series begins; of those that are taken back by their id alone: now."""
    latest: dict[Address, datetime] = {}
    for one in checked:
        start = one.observed.span.start if one.observed.span else at
        if start > latest.get(one.address, _NEVER):
            latest[one.address] = start
    by_series: dict[Wanted, datetime] = {}
    for address, start in latest.items():
        wanted = address.wanted
        by_series[wanted] = max(start, by_series.get(wanted, start))
    return by_series


class _LabelSets:
    """The canonical texts of the label sets of a batch, each worked out once."""

    def __init__(self) -> None:
        self.known: dict[frozenset[tuple[str, str]], str | tuple[Issue, ...]] = {}

    def key_of(self, labels: Mapping[str, str]) -> str | tuple[Issue, ...]:
        pairs = frozenset(labels.items())
        if pairs not in self.known:
            self.known[pairs] = tuple(check_labels(labels)) or labels_key(labels)
        return self.known[pairs]
