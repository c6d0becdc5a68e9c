"""One stored message is read by rules: claims, what follows from them, readings."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kpis.actions.inbound_claims import Claim, claim_of, replace_claims
from kpis.actions.readings import Feed
from kpis.actions.recording import Mapped, Recorded, record_mapped
from kpis.connectors.mapping import Extract, extract
from kpis.models.feeds import InboundEvent, InboundRun
from kpis.queries.definitions import Accepting, accepting
from kpis.series.intake import MOST_KEY
from kpis.series.reading_in import ReadingIn
from service.ids import new_id
from service.strict_json import loads

Rules = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Read:
    """What reading a message came to. items: what was recorded or taken back."""

    state: str
    counts: dict[str, int]
    issues: list[dict[str, str]]
    items: Sequence[ReadingIn]


def read_event(event: InboundEvent, rules: Rules, *, rules_version: int, at: datetime) -> Read:
    """Read a message by `rules` as if they had always been its endpoint's, in the caller's transaction.

    rules_version: which of the endpoint's rules these are; each reading remembers it through its run.
    """
    endpoint = event.endpoint
    found = extract(rules, loads(bytes(event.body), exact=True))
    takers = accepting(event.workspace_id, {item["kpi"] for item in found.items})
    found.bases_at(event.occurred_at or event.created_at)
    _tell_apart(found, event, takers)
    claims, strays = _claims(found, event, takers)
    follows = replace_claims(event, claims)
    run = InboundRun(
        id=new_id(),
        workspace_id=event.workspace_id,
        event_id=event.id,
        rules_version=rules_version,
        created_at=at,
    )
    items = [*strays, *follows.items]
    if items or follows.retractions:
        run.save(force_insert=True)
    again = event.processed_at is not None
    feed = Feed(id=endpoint.id, cause=run.id, name=endpoint.name, backfill=again, replay=again)
    mapped = [Mapped(found, feed, items, follows.retractions)]
    [recorded] = record_mapped(mapped, workspace_id=event.workspace_id, at=at)
    counts = recorded.counts | ({"unmatched": follows.unmatched} if follows.unmatched else {})
    state = _state(found, recorded, follows.unmatched)
    return Read(state, counts, recorded.issues, [*items, *follows.retractions])


def _claims(
    found: Extract, event: InboundEvent, takers: dict[str, Accepting]
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


def _tell_apart(found: Extract, event: InboundEvent, takers: dict[str, Accepting]) -> None:
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


def _state(found: Extract, recorded: Recorded, unmatched: int) -> str:
    if recorded.refused:
        return "failed"  # the issues say why; a replay after a change of rules reads it again
    if not found.items:
        return "processed" if found.said else "ignored"
    return "unmatched" if unmatched == len(found.items) else "processed"
