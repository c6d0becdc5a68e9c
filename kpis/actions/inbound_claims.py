"""What messages claim, and what follows from all claims together: so the order of messages does not matter.

A claim is what a rule made of one message: a figure, or one side of a rate. Claims with one identity (KPI,
external id and label names, or span and labels) speak of the same thing:

    value        (what joined or was lost too) the latest by the sender's clock counts: a changed answer is a
                 correction, and the older one that arrives or is replayed after it corrects nothing
    denominator, numerator
                 each stands once, as of the first instant that was told, however often it is told; which
                 period the thing counts in is worked out where they are recorded
                 (kpis.actions.readings_sides), and a numerator without its denominator waits there

    retracted    what its sender deleted: as a value it is the latest word, until a later one; a side that
                 was deleted stands no more

A message that is read again replaces its own claims. What then no longer follows is taken back.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

from kpis.models.inbound import InboundEvent
from kpis.series.exact import encode
from kpis.series.reading_in import ReadingIn

VALUE, NUMERATOR, DENOMINATOR = "value", "numerator", "denominator"
# What takes a side back is a side of its own, so that what decides of each is found by one look.
_DELETED = {"no_numerator": NUMERATOR, "no_denominator": DENOMINATOR}


@dataclass(frozen=True, slots=True)
class Claim:
    """What one message says. told_at: by its sender's clock, else when it came; of a side, its instant.

    address: where the reading stands, KPI, labels and external id or span; two identities may meet there.
    """

    identity: str
    address: str
    side: str
    item: ReadingIn
    event_id: uuid.UUID
    told_at: datetime


@dataclass(slots=True)
class Consequence:
    """What is to be recorded because a message says something else now: first what is taken back.

    unmatched: of this message's numerators, how many have no denominator.
    """

    retractions: list[ReadingIn] = field(default_factory=list)
    items: list[ReadingIn] = field(default_factory=list)
    unmatched: int = 0


def claim_of(event: InboundEvent, item: ReadingIn, *, kpi_id: uuid.UUID, slot: str, side: str) -> Claim:
    """Return what a message says by one rule. slot: the rule's labels, see kpis.connectors.mapping.

    What has an id may be told under other labels later and is the same thing; a period's figure has none, and
    is another one under other labels.
    """
    labels = sorted(item.labels.items())
    about = labels if item.external_id is None else slot
    span = (item.period, item.start, item.end, item.observed_at) if item.external_id is None else None
    thing = (kpi_id.hex, item.external_id, span)
    what = (item.side,) if item.side else ()
    told_at = event.occurred_at or event.created_at
    return Claim(
        _hash("", about, *thing, *what) if side == VALUE else _hash("side", about, *thing),
        _hash(labels, *thing, *what),
        f"no_{side}" if item.retract and side != VALUE else side,
        item,
        event.id,
        told_at if side == VALUE else item.observed_at or told_at,
    )


def _hash(*parts: object) -> str:
    return blake2b(encode(parts), digest_size=16).hexdigest()


def resolve(claims: Iterable[Claim]) -> dict[str, Claim]:
    """Return by side the claim that stands, of those of one identity."""
    standing: dict[str, Claim] = {}
    for claim in claims:
        held = standing.get(claim.side)
        if held is None or (_order(claim) > _order(held)) is (claim.side == VALUE):
            standing[claim.side] = claim
    for deleted, side in _DELETED.items():
        if standing.pop(deleted, None) is not None:
            standing.pop(side, None)
    return {side: claim for side, claim in standing.items() if not claim.item.retract}


def _order(claim: Claim) -> tuple[datetime, uuid.UUID]:
    return claim.told_at, claim.event_id


@dataclass(slots=True)
class Moves:
    """Collects what follows, identity by identity. gone: by address what stands there no more."""

    found: Consequence = field(default_factory=Consequence)
    gone: dict[str, ReadingIn] = field(default_factory=dict)
    _stands: set[str] = field(default_factory=set)

    def add(self, before: Mapping[str, Claim], after: Mapping[str, Claim], told: frozenset[str]) -> None:
        """Compare what stood of an identity with what stands. told: sides that the message tells of it."""
        for side in dict.fromkeys((*after, *before)):
            was, now = before.get(side), after.get(side)
            if now is not None and (side in told or now != was):
                self.found.items.append(now.item)
                self._stands.add(now.address)
            if was is None:
                continue
            if now is None or now.address != was.address:
                self.gone[was.address] = was.item
            elif side != VALUE and now.told_at > was.told_at:
                # The first instant that is known of a side stands, until it is taken back.
                self.found.retractions.append(retraction(was.item))

    def settle(self, elsewhere: Mapping[str, Claim]) -> Consequence:
        """Return all that follows. elsewhere: what other identities claim to stand where something goes."""
        self.found.items += [claim.item for claim in elsewhere.values()]
        left = [item for address, item in self.gone.items() if address not in elsewhere]
        self.found.retractions += [retraction(item) for item in left]
        return self.found

    @property
    def vacated(self) -> list[str]:
        """The addresses at which nothing stands by what was compared."""
        for address in self._stands:
            self.gone.pop(address, None)
        return list(self.gone)


def retraction(item: ReadingIn) -> ReadingIn:
    """Return what takes a reading back."""
    times = {"period": item.period, "start": item.start, "end": item.end, "observed_at": item.observed_at}
    return ReadingIn(
        kpi=item.kpi,
        labels=item.labels,
        external_id=item.external_id,
        side=item.side,
        retract=True,
        reason="The message is read otherwise now.",
        **({} if item.external_id is not None else times),  # type: ignore[arg-type]
    )
