"""What messages claim, and what follows from all claims together: so the order of messages does not matter.

A claim is what a rule made of one message: a figure, or one side of a rate. Claims with one identity (KPI,
label names, external id or span) speak of the same reading:

    value        (what joined or was lost too) the latest by the sender's clock counts: a changed answer is a
                 correction, and the older one that arrives or is replayed after it corrects nothing
    denominator, numerator
                 a thing counts once, in the period of its denominator, however often its numerator is told; a
                 numerator without its denominator is unmatched until that comes

A message that is read again replaces its own claims. What then no longer follows is taken back.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec
from django.db import connection
from django.db.models import QuerySet

from kpis.models.feeds import InboundClaim, InboundEvent
from kpis.queries.sql import statement
from kpis.series.exact import encode
from kpis.series.reading_in import ReadingIn
from service.tenancy import advisory_lock

VALUE, NUMERATOR, DENOMINATOR = "value", "numerator", "denominator"
_decoder = msgspec.json.Decoder(ReadingIn)
_DECIDING = statement("deciding_claims")


@dataclass(frozen=True, slots=True)
class Claim:
    """What one message says. told_at: by its sender's clock, else when it came.

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
    """What is to be recorded because a message says something else now.

    unmatched: of this message's numerators, how many have no denominator.
    """

    items: list[ReadingIn] = field(default_factory=list)
    retractions: list[ReadingIn] = field(default_factory=list)
    unmatched: int = 0


def claim_of(event: InboundEvent, item: ReadingIn, *, kpi_id: uuid.UUID, slot: str, side: str) -> Claim:
    """Return what a message says by one rule. slot: the rule's labels, see kpis.connectors.mapping."""
    span = (item.period, item.start, item.end, item.observed_at) if item.external_id is None else None
    who = (kpi_id.hex, item.external_id, span, *([item.side] if item.side else ()))
    return Claim(
        _hash("" if side == VALUE else "side", slot, *who),
        _hash(sorted(item.labels.items()), *who),
        side,
        item,
        event.id,
        event.occurred_at or event.created_at,
    )


def _hash(*parts: object) -> str:
    return blake2b(encode(parts), digest_size=16).hexdigest()


def replace_claims(event: InboundEvent, claims: Sequence[Claim]) -> Consequence:
    """Put the claims of a message in the place of its former ones; return what follows.

    One message of an endpoint at a time: two that speak of one thing must see each other.
    """
    advisory_lock("claims", event.workspace_id, event.endpoint_id)
    mine = _by_identity({(claim.identity, claim.side): claim for claim in claims}.values())
    rows = InboundClaim.objects.filter(workspace_id=event.workspace_id, endpoint_id=event.endpoint_id)
    own = rows.filter(event_id=event.id)
    former = _by_identity(map(_claim, own))
    identities = [*mine, *(identity for identity in former if identity not in mine)]
    others = _by_identity(_deciding(event, identities))
    own.delete()
    InboundClaim.objects.bulk_create([_row(event, claim) for group in mine.values() for claim in group])
    found = Consequence()
    stands: set[str] = set()
    gone: dict[str, ReadingIn] = {}
    matched: list[str] = []
    bereft: list[str] = []
    for identity in identities:
        before = _resolve([*others[identity], *former[identity]])
        after = _resolve([*others[identity], *mine[identity]])
        if after is not None and (mine[identity] or after != before):
            found.items.append(after.item)
            stands.add(after.address)
        if before is not None and (after is None or before.address != after.address):
            gone[before.address] = before.item
        found.unmatched += sum(claim.side == NUMERATOR for claim in mine[identity]) * (after is None)
        if any(claim.side == DENOMINATOR for claim in (*former[identity], *mine[identity])):
            (matched if after is not None else bereft).append(identity)
    _tell_waiting(event, matched, was="unmatched", now="processed")
    _tell_waiting(event, bereft, was="processed", now="unmatched")
    for address in stands:
        gone.pop(address, None)
    for address, claim in _standing(rows, gone).items():
        found.items.append(claim.item)
        del gone[address]
    found.retractions = [_retraction(item) for item in gone.values()]
    return found


def _standing(rows: QuerySet[InboundClaim, InboundClaim], gone: Mapping[str, ReadingIn]) -> dict[str, Claim]:
    """Return, by address, what others claim to stand where something goes: by rules with other labels."""
    if not gone:
        return {}
    there = rows.filter(address__in=list(gone)).values("identity")
    groups = _by_identity(map(_claim, rows.filter(identity__in=there)))
    resolved = [claim for group in groups.values() if (claim := _resolve(group)) is not None]
    return {claim.address: claim for claim in resolved if claim.address in gone}


def _by_identity(claims: Iterable[Claim]) -> defaultdict[str, list[Claim]]:
    groups: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        groups[claim.identity].append(claim)
    return groups


def _resolve(claims: Sequence[Claim]) -> Claim | None:
    """Return the claim whose reading follows from those of one identity."""
    values = [claim for claim in claims if claim.side == VALUE]
    if values:
        return max(values, key=lambda claim: (claim.told_at, claim.event_id))
    denominators = [claim for claim in claims if claim.side == DENOMINATOR]
    if not denominators:
        return None
    first = min(denominators, key=lambda claim: (claim.told_at, claim.event_id))
    sides = {"numerator": int(len(denominators) < len(claims)), "denominator": 1}
    return replace(first, item=msgspec.structs.replace(first.item, **sides))


def _deciding(event: InboundEvent, identities: Sequence[str]) -> list[Claim]:
    """Return what other messages claim, of each identity only what decides: thousands may say the same."""
    values: dict[str, Any] = {
        "workspace": event.workspace_id,
        "endpoint": event.endpoint_id,
        "event": event.id,
        "identities": list(identities),
    }
    with connection.cursor() as cursor:
        cursor.execute(_DECIDING, values)
        found = cursor.fetchall()
    return [
        Claim(identity, address, side, _decoder.decode(item), event_id, told_at)
        for identity, address, side, item, event_id, told_at in found
    ]


def _tell_waiting(event: InboundEvent, identities: Sequence[str], *, was: str, now: str) -> None:
    """Messages whose numerators waited wait no more, or do again."""
    if identities:
        waiting = InboundClaim.objects.filter(
            workspace_id=event.workspace_id,
            endpoint_id=event.endpoint_id,
            identity__in=identities,
            side=NUMERATOR,
        ).exclude(event_id=event.id)
        InboundEvent.objects.filter(id__in=waiting.values("event_id"), state=was).update(state=now)


def _retraction(item: ReadingIn) -> ReadingIn:
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


def _claim(row: InboundClaim) -> Claim:
    return Claim(row.identity, row.address, row.side, _decoder.decode(row.item), row.event_id, row.told_at)


def _row(event: InboundEvent, claim: Claim) -> InboundClaim:
    return InboundClaim(
        workspace_id=event.workspace_id,
        endpoint_id=event.endpoint_id,
        event_id=event.id,
        identity=claim.identity,
        address=claim.address,
        side=claim.side,
        told_at=claim.told_at,
        item=encode(claim.item).decode(),
    )
