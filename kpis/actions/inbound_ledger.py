"""The claims of an endpoint, as far as some of its messages speak of them, while these are read anew.

A few statements load and store them however many messages there are; what each message changes is worked
out in memory, in the order of the messages, as if it had been read alone.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from kpis.actions.inbound_claims import (
    DENOMINATOR,
    NUMERATOR,
    Claim,
    Consequence,
    Moves,
    resolve,
)
from kpis.queries.sql import execute, fetch, statement
from kpis.series.exact import encode
from kpis.series.reading_in import ReadingIn
from service.tenancy import advisory_lock

_decoder = msgspec.json.Decoder(ReadingIn)
_DECIDING = statement("deciding_claims")
_FORMER = statement("former_claims")
_AT_ADDRESSES = statement("claims_at_addresses")
_STORE = statement("store_claims")
_DROP = statement("drop_claims")
_TELL_WAITING = statement("tell_waiting_events")
_STATES = {True: "processed", False: "unmatched"}


def lock_claims(workspace_id: uuid.UUID, endpoint_id: uuid.UUID) -> None:
    """Have the messages of an endpoint to oneself until the transaction ends, before any series is locked.

    Two that speak of one thing must see each other.
    """
    advisory_lock("claims", workspace_id, endpoint_id)


@dataclass(slots=True)
class Ledger:
    """Use it under `lock_claims`: `open_ledger`, `replace` for each message in turn, `store`.

    _others: by identity what decides of the claims of other messages. _mine: those of the messages that are
    read. _matched: by identity whether numerators have their denominator now. _turned: of the messages that
    were read, those whose numerators were told otherwise by a later one.
    """

    workspace_id: uuid.UUID
    endpoint_id: uuid.UUID
    events: Sequence[uuid.UUID]
    _others: dict[str, list[Claim]] = field(default_factory=dict)
    _mine: defaultdict[str, list[Claim]] = field(default_factory=lambda: defaultdict(list))
    _of: defaultdict[uuid.UUID, list[Claim]] = field(default_factory=lambda: defaultdict(list))
    _matched: dict[str, bool] = field(default_factory=dict)
    _turned: dict[uuid.UUID, bool] = field(default_factory=dict)

    def replace(self, event_id: uuid.UUID, claims: Sequence[Claim]) -> Consequence:
        """Put the claims of a message in the place of its former ones; return what follows."""
        told = {(claim.identity, claim.side): claim for claim in claims}
        former = self._of[event_id]
        identities = dict.fromkeys(claim.identity for claim in (*told.values(), *former))
        before = {identity: resolve(self._all(identity)) for identity in identities}
        had = {claim.identity for claim in former if claim.side == DENOMINATOR}
        self._put(event_id, list(told.values()))
        self._turned.pop(event_id, None)
        moves = Moves()
        for identity in identities:
            after = resolve(self._all(identity))
            sides = frozenset(side for side in (*before[identity], *after) if (identity, side) in told)
            moves.add(before[identity], after, sides)
            matched = DENOMINATOR in after
            moves.found.unmatched += NUMERATOR in sides and not matched
            if (
                DENOMINATOR in sides
                or identity in had
                or DENOMINATOR in before[identity].keys() - after.keys()
            ):
                self._tell_waiting(identity, event_id, matched)
        return moves.settle(self._standing_at(moves.vacated))

    def turned(self, event_id: uuid.UUID, state: str) -> str:
        """Return the state of a message once those after it were read too."""
        if event_id in self._turned and state in _STATES.values():
            return _STATES[self._turned[event_id]]
        return state

    def load(self, identities: Iterable[str]) -> None:
        """Make known what decides of these, by one statement."""
        missing = [identity for identity in dict.fromkeys(identities) if identity not in self._others]
        if not missing:
            return
        self._others |= {identity: [] for identity in missing}
        for row in fetch(_DECIDING, self._values | {"identities": missing}):
            claim = _claim(row)
            self._others[claim.identity].append(claim)

    def store(self) -> None:
        """Write the claims of the messages; tell others that wait no more, or do again."""
        execute(_DROP, self._values)
        claims = [claim for event_id in self.events for claim in self._of[event_id]]
        if claims:
            told = {
                "event_ids": [claim.event_id for claim in claims],
                "identities": [claim.identity for claim in claims],
                "addresses": [claim.address for claim in claims],
                "sides": [claim.side for claim in claims],
                "told": [claim.told_at for claim in claims],
                "items": [encode(claim.item).decode() for claim in claims],
            }
            execute(_STORE, self._values | told)
        for matched, now in _STATES.items():
            identities = [identity for identity, found in self._matched.items() if found is matched]
            if identities:
                moved = {"identities": identities, "was": _STATES[not matched], "now": now}
                execute(_TELL_WAITING, self._values | moved)

    @property
    def _values(self) -> dict[str, Any]:
        return {"workspace": self.workspace_id, "endpoint": self.endpoint_id, "events": list(self.events)}

    def _all(self, identity: str) -> list[Claim]:
        return [*self._others[identity], *self._mine[identity]]

    def _put(self, event_id: uuid.UUID, claims: list[Claim]) -> None:
        for identity in {claim.identity for claim in self._of[event_id]}:
            left = [claim for claim in self._mine[identity] if claim.event_id != event_id]
            self._mine[identity] = left
        self._of[event_id] = claims
        for claim in claims:
            self._mine[claim.identity].append(claim)

    def _tell_waiting(self, identity: str, event_id: uuid.UUID, matched: bool) -> None:
        self._matched[identity] = matched
        for claim in self._mine[identity]:
            if claim.side == NUMERATOR and claim.event_id != event_id:
                self._turned[claim.event_id] = matched

    def _standing_at(self, addresses: list[str]) -> dict[str, Claim]:
        """Return, by address, what others claim to stand where something goes: by rules with other labels."""
        if not addresses:
            return {}
        found = fetch(_AT_ADDRESSES, self._values | {"addresses": addresses})
        there = {identity for (identity,) in found}
        there |= {
            claim.identity for group in self._mine.values() for claim in group if claim.address in addresses
        }
        self.load(there)
        standing = (claim for identity in there for claim in resolve(self._all(identity)).values())
        return {claim.address: claim for claim in standing if claim.address in addresses}


def open_ledger(
    *, workspace_id: uuid.UUID, endpoint_id: uuid.UUID, claims: dict[uuid.UUID, list[Claim]]
) -> Ledger:
    """Return what is claimed by other messages of what these claim, or claimed before. claims: by message."""
    ledger = Ledger(workspace_id, endpoint_id, list(claims))
    for row in fetch(_FORMER, ledger._values):
        claim = _claim(row)
        ledger._of[claim.event_id].append(claim)
        ledger._mine[claim.identity].append(claim)
    ledger.load([*ledger._mine, *(claim.identity for told in claims.values() for claim in told)])
    return ledger


def _claim(row: tuple[Any, ...]) -> Claim:
    identity, address, side, item, event_id, told_at = row
    return Claim(identity, address, side, _decoder.decode(item), event_id, told_at)
