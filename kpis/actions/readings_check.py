"""Which items of a batch their KPIs take: pure checks."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import msgspec

from kpis.actions.readings_feed import Delivery
from kpis.queries.definitions import Accepting
from kpis.series.intake import Observed
from kpis.series.intake_batch import Intake
from kpis.series.intake_flows import BASE_KEY
from kpis.series.labels import check_labels, labels_key
from service.errors import Issue

_NEVER = datetime.min.replace(tzinfo=UTC)
_UNKNOWN = Issue("/kpi", "unknown_kpi", "There is no such KPI here.")


Wanted = tuple[uuid.UUID, int, str, uuid.UUID | None]
"""What a series is found by: KPI, measure, labels_key; and its feed, where the KPI keeps feeds apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Address:
    """The series that items are for, one object for all of a delivery that name it alike.

    labels: the canonical text of the label set. delivery: its number. feed_id: whose it is.
    """

    taker: Accepting
    labels: str
    delivery: int
    feed_id: uuid.UUID | None

    @property
    def wanted(self) -> Wanted:
        kpi = self.taker.kpi
        return kpi.kpi_id, kpi.measure, self.labels, self.part

    @property
    def part(self) -> uuid.UUID | None:
        """The feed, where the KPI keeps feeds apart."""
        return self.feed_id if self.taker.kpi.definition.combine else None


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
        return self.observed.key.startswith(BASE_KEY) and self.address.taker.kpi.definition.stocked


def check_items(
    *, takers: Mapping[str, Accepting], deliveries: Sequence[Delivery], at: datetime
) -> tuple[list[Checked], dict[int, tuple[Issue, ...]]]:
    """Return the items that are taken, and by index what is wrong with the others. takers: by reference."""
    label_sets = _LabelSets()
    intakes: dict[int, Intake] = {}  # KPIs that are measured alike share a definition, and periods with it
    checked: list[Checked] = []
    refused: dict[int, tuple[Issue, ...]] = {}
    index = -1
    for number, delivery in enumerate(deliveries):
        addresses: dict[tuple[str, str], Address] = {}
        for item in delivery.items:
            index += 1
            taker = takers.get(item.kpi)
            if taker is None:
                refused[index] = (_UNKNOWN,)
                continue
            labels = label_sets.key_of(item.labels)
            definition = taker.kpi.definition
            intake = intakes.get(id(definition))
            if intake is None:
                intake = intakes[id(definition)] = Intake(definition, at=at, history_from=taker.history_from)
            observed = intake.observe(item)
            if isinstance(observed, Observed) and isinstance(labels, str):
                address = addresses.get((item.kpi, labels))
                if address is None:
                    address = Address(taker, labels, number, delivery.feed.id)
                    addresses[item.kpi, labels] = address
                sided = item.side is not None and not definition.stocked
                checked.append(Checked(index, address, observed, item.retract, item.reason, None, sided))
            else:
                wrong = () if isinstance(labels, str) else labels
                refused[index] = (*wrong, *(() if isinstance(observed, Observed) else observed))
    return checked, refused


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
        if not labels:
            return "{}"
        pairs = frozenset(labels.items())
        if pairs not in self.known:
            self.known[pairs] = tuple(check_labels(labels)) or labels_key(labels)
        return self.known[pairs]
