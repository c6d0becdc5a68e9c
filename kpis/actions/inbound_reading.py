"""Stored messages are read by rules: claims, what follows from them, readings. Many at one stroke."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kpis.actions.inbound_claims import Claim, Consequence, claim_of
from kpis.actions.inbound_following import trail_of
from kpis.actions.inbound_ledger import Ledger, open_ledger
from kpis.actions.readings import Feed
from kpis.actions.recording import Mapped, Recorded, record_mapped
from kpis.connectors.mapping import Extract, extract
from kpis.models.inbound import InboundEndpoint, InboundEvent, InboundRun
from kpis.queries.definitions import Accepting, accepting
from kpis.series.intake import MOST_KEY
from kpis.series.reading_in import ReadingIn
from kpis.series.told_again import Repeats
from service.ids import new_id
from service.providers.messages import text_at
from service.providers.table import PROVIDERS
from service.strict_json import loads

Rules = list[dict[str, Any]]
THIN = (
    "The message carries an id alone, and no rule takes its type. Rules need `follow` to ask for the rest, "
    "as those of presets for thin events have."
)


@dataclass(frozen=True, slots=True)
class Read:
    """What reading a message came to. items: what was recorded or taken back; repeats: as of Recorded."""

    state: str
    counts: dict[str, int]
    repeats: Repeats
    issues: list[dict[str, str]]
    items: Sequence[ReadingIn]


@dataclass(slots=True)
class _Message:
    """A message under way: what rules found in it, what it claims, and what is recorded because of it."""

    event: InboundEvent
    found: Extract
    claims: list[Claim]
    strays: list[ReadingIn]
    follows: Consequence
    run: InboundRun | None = None

    @property
    def items(self) -> list[ReadingIn]:
        return [*self.strays, *self.follows.items]


def found_in(
    event: InboundEvent, endpoint: InboundEndpoint, rules: Rules, more: Mapping[str, bytes] | None = None
) -> Extract:
    """Return what rules find in a message, and in what it led to. Needs no transaction.

    more: by URL documents that are not kept with it.
    """
    body = loads(bytes(event.body), exact=True)
    found = extract(rules, body, trail=trail_of(endpoint, event, more))
    found.bases_at(event.occurred_at or event.created_at)
    return found


def read_events(
    *,
    endpoint: InboundEndpoint,
    events: Sequence[tuple[InboundEvent, Extract]],
    rules_version: int,
    at: datetime,
) -> list[Read]:
    """Read messages by rules as if these had always been their endpoint's, in the caller's transaction.

    events: with what the rules found in them (`found_in`), in the order in which they came. rules_version:
    which of the endpoint's rules these are; each reading remembers it through its run. Needs `lock_claims`.
    """
    refs = {item["kpi"] for _, found in events for item in found.items}
    takers = accepting(endpoint.workspace_id, refs)
    messages = [_message(event, found, takers) for event, found in events]
    ledger = open_ledger(
        workspace_id=endpoint.workspace_id,
        endpoint_id=endpoint.id,
        claims={one.event.id: one.claims for one in messages},
    )
    for one in messages:
        one.follows = ledger.replace(one.event.id, one.claims)
        if one.items or one.follows.retractions:
            one.run = _run(one.event, rules_version, at)
    ledger.store()
    InboundRun.objects.bulk_create([one.run for one in messages if one.run is not None])
    mapped = [Mapped(one.found, _feed(endpoint, one), one.items, one.follows.retractions) for one in messages]
    came = record_mapped(mapped, workspace_id=endpoint.workspace_id, at=at)
    return [_read(one, its, ledger, endpoint) for one, its in zip(messages, came, strict=True)]


def _read(message: _Message, came: Recorded, ledger: Ledger, endpoint: InboundEndpoint) -> Read:
    unmatched = message.follows.unmatched
    state = ledger.turned(message.event.id, _state(message.found, came, unmatched))
    counts = came.counts | ({"unmatched": unmatched} if unmatched else {})
    issues = came.issues
    if state == "ignored" and _is_thin(message.event, endpoint):
        issues = [*issues, {"pointer": "", "code": "thin_event", "detail": THIN}]
    return Read(state, counts, came.repeats, issues, [*message.follows.retractions, *message.items])


def _is_thin(event: InboundEvent, endpoint: InboundEndpoint) -> bool:
    """Whether a message that no rule reads carries an id alone, as its sender says in it."""
    thin = PROVIDERS[endpoint.provider].thin
    return thin is not None and text_at(thin[0], loads(bytes(event.body))) == thin[1]


def _message(event: InboundEvent, found: Extract, takers: Mapping[str, Accepting]) -> _Message:
    _tell_apart(found, event, takers)
    claims, strays = _claims(found, event, takers)
    return _Message(event, found, claims, strays, Consequence())


def _run(event: InboundEvent, rules_version: int, at: datetime) -> InboundRun:
    return InboundRun(
        id=new_id(),
        workspace_id=event.workspace_id,
        event_id=event.id,
        rules_version=rules_version,
        created_at=at,
    )


def _feed(endpoint: InboundEndpoint, message: _Message) -> Feed:
    again = message.event.processed_at is not None
    cause = None if message.run is None else message.run.id
    return Feed(id=endpoint.id, cause=cause, name=endpoint.name, backfill=again, replay=again)


def _claims(
    found: Extract, event: InboundEvent, takers: Mapping[str, Accepting]
) -> tuple[list[Claim], list[ReadingIn]]:
    """Return the claims, and the items of KPIs that are not there, which are refused by name."""
    claims, strays = [], []
    for item, slot, side in zip(found.items, found.slots, found.sides, strict=True):
        reading = ReadingIn(**item)
        taker = takers.get(reading.kpi)
        if taker is None:
            strays.append(reading)
            continue
        claims.append(claim_of(event, reading, kpi_id=taker.kpi.kpi_id, slot=slot, side=side))
    return claims, strays


def _tell_apart(found: Extract, event: InboundEvent, takers: Mapping[str, Accepting]) -> None:
    """Name events that have no id of their own by their message and their place in it.

    The place is that of the item in the body, not of the reading among the others: a replay by changed rules
    corrects what it recorded before, instead of recording it again under another name.
    """
    told: Counter[tuple[Any, ...]] = Counter()
    for place, item in zip(found.places, found.items, strict=True):
        taker = takers.get(item["kpi"])
        if (
            "external_id" not in item
            and "base" not in item
            and taker is not None
            and taker.kpi.definition.holds == "events"
        ):
            one = (item["kpi"], place, *sorted(item["labels"].items()))
            item["external_id"] = _short(f"{event.message_id}:{place}" + f".{told[one]}" * bool(told[one]))
            told[one] += 1


def _short(name: str) -> str:
    """Return an external id that fits its column; what is longer goes by its hash."""
    return name if len(name) <= MOST_KEY else hashlib.sha256(name.encode()).hexdigest()


def _state(found: Extract, came: Recorded, unmatched: int) -> str:
    if came.refused:
        return "failed"  # the issues say why; a replay after a change of rules reads it again
    if not found.items:
        return "processed" if found.said else "ignored"
    return "unmatched" if unmatched == len(found.items) else "processed"
