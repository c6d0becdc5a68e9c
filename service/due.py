"""Due work: what must be done, when, and who holds it. Truth lives here; Celery only wakes.

A row says "do `kind` for `row_id` of this workspace at `due_at`". A worker claims rows with a lease
and a fencing token; it finishes in the transaction that holds the effect, fenced by the token, so
an effect counts once however often a message is delivered. A lease that ran out is claimable again.
Claims take turns between workspaces: ten thousand rows of one team starve nobody. Where more workspaces wait
than a claim takes rows, the next claim of this process goes on with those that come after, and round again.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import starmap

from django.db import connection

from service.ids import new_id


class LeaseLost(Exception):
    """The lease ran out and somebody else holds the row: roll back, they will do it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A leased row of due work. `attempts` counts this one."""

    due_id: int
    workspace_id: uuid.UUID
    kind: str
    row_id: uuid.UUID
    due_at: datetime
    attempts: int
    token: uuid.UUID


def set_due(*, workspace_id: uuid.UUID, kind: str, row_id: uuid.UUID, due_at: datetime) -> None:
    """Make the row due at `due_at`, replacing an earlier appointment. A running claim is fenced off."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO due (workspace_id, kind, row_id, due_at, attempts) VALUES (%s, %s, %s, %s, 0)
            ON CONFLICT (workspace_id, kind, row_id)
            DO UPDATE SET due_at = EXCLUDED.due_at, attempts = 0, lease_until = NULL, lease_token = NULL
            """,
            [workspace_id, kind, row_id, due_at],
        )


def set_all_due(
    *, workspace_id: uuid.UUID, kind: str, row_ids: Iterable[uuid.UUID], due_at: datetime
) -> None:
    """Make many rows due at `due_at`, as `set_due` does."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO due (workspace_id, kind, row_id, due_at, attempts)
            SELECT %s, %s, row_id, %s, 0 FROM unnest(%s::uuid[]) AS row_id
            ON CONFLICT (workspace_id, kind, row_id)
            DO UPDATE SET due_at = EXCLUDED.due_at, attempts = 0, lease_until = NULL, lease_token = NULL
            """,
            [workspace_id, kind, due_at, sorted(row_ids)],
        )


def pull_forward(*, workspace_id: uuid.UUID, kind: str, row_id: uuid.UUID, due_at: datetime) -> None:
    """Make the row due at `due_at` or earlier; an earlier appointment and a running lease stay."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO due (workspace_id, kind, row_id, due_at, attempts) VALUES (%s, %s, %s, %s, 0)
            ON CONFLICT (workspace_id, kind, row_id) DO UPDATE SET due_at = EXCLUDED.due_at
            WHERE due.due_at > EXCLUDED.due_at
            """,
            [workspace_id, kind, row_id, due_at],
        )


def drop_due(*, workspace_id: uuid.UUID, kind: str, row_id: uuid.UUID) -> None:
    """Forget the appointment, e.g. when its resource is archived."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM due WHERE workspace_id = %s AND kind = %s AND row_id = %s",
            [workspace_id, kind, row_id],
        )


_CLAIM = """
WITH RECURSIVE tenant AS (
  (SELECT workspace_id FROM due WHERE kind = %(kind)s AND due_at <= %(at)s
   ORDER BY workspace_id LIMIT 1)
  UNION ALL
  SELECT (SELECT d.workspace_id FROM due d
          WHERE d.kind = %(kind)s AND d.due_at <= %(at)s AND d.workspace_id > tenant.workspace_id
          ORDER BY d.workspace_id LIMIT 1)
  FROM tenant WHERE tenant.workspace_id IS NOT NULL
), candidate AS (
  SELECT c.id, row_number() OVER (PARTITION BY c.workspace_id ORDER BY c.due_at, c.id) AS turn, c.due_at
  FROM tenant CROSS JOIN LATERAL (
    SELECT d.id, d.workspace_id, d.due_at FROM due d
    WHERE d.kind = %(kind)s AND d.workspace_id = tenant.workspace_id AND d.due_at <= %(at)s
      AND (d.lease_until IS NULL OR d.lease_until < %(at)s)
    ORDER BY d.due_at LIMIT %(limit)s
  ) c
), picked AS (
  SELECT d.id FROM due d JOIN candidate USING (id)
  WHERE d.due_at <= %(at)s AND (d.lease_until IS NULL OR d.lease_until < %(at)s)
  ORDER BY candidate.turn, d.workspace_id <= %(after)s, d.workspace_id, candidate.due_at LIMIT %(limit)s
  FOR UPDATE OF d SKIP LOCKED
)
UPDATE due SET lease_until = %(until)s, lease_token = %(token)s, attempts = attempts + 1
FROM picked WHERE due.id = picked.id
RETURNING due.id, due.workspace_id, due.kind, due.row_id, due.due_at, due.attempts, due.lease_token
"""


_BEFORE_ALL = uuid.UUID(int=0)
_served: dict[str, uuid.UUID] = {}
"""By kind, the workspace that this process served last."""


def claim_due(*, kind: str, limit: int, lease: timedelta, at: datetime) -> list[Claim]:
    """Lease up to `limit` due rows of `kind`, one workspace after the other, oldest first in each."""
    after = _served.get(kind, _BEFORE_ALL)
    until, token = at + lease, new_id()
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {"kind": kind, "at": at, "limit": limit, "until": until, "token": token, "after": after},
        )
        claims = list(starmap(Claim, cursor.fetchall()))
    if claims:
        _served[kind] = _last_served(claims, after)
    return claims


def _last_served(claims: Sequence[Claim], after: uuid.UUID) -> uuid.UUID:
    """Return whose turn was the last: of the workspaces that had most, the one that is last after `after`."""
    taken = Counter(claim.workspace_id for claim in claims)
    most = max(taken.values())
    return max((one for one, count in taken.items() if count == most), key=lambda one: (one <= after, one))


def finish(claim: Claim, *, next_due_at: datetime | None) -> None:
    """End the claim in the caller's transaction: due again at `next_due_at`, or never.

    Raises LeaseLost when the row is no longer ours; the caller's transaction must roll back.
    """
    with connection.cursor() as cursor:
        if next_due_at is None:
            cursor.execute("DELETE FROM due WHERE id = %s AND lease_token = %s", [claim.due_id, claim.token])
        else:
            cursor.execute(
                """
                UPDATE due SET due_at = %s, attempts = 0, lease_until = NULL, lease_token = NULL
                WHERE id = %s AND lease_token = %s
                """,
                [next_due_at, claim.due_id, claim.token],
            )
        if cursor.rowcount != 1:
            raise LeaseLost(f"{claim.kind} {claim.row_id}")


def postpone(claim: Claim, *, due_at: datetime) -> None:
    """Give the row back for a later try; `attempts` keeps counting. Raises LeaseLost."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE due SET due_at = %s, lease_until = NULL, lease_token = NULL
            WHERE id = %s AND lease_token = %s
            """,
            [due_at, claim.due_id, claim.token],
        )
        if cursor.rowcount != 1:
            raise LeaseLost(f"{claim.kind} {claim.row_id}")


def release(claim: Claim) -> None:
    """Give the row back untouched, due when it was due: this claim counts as no attempt. Raises LeaseLost."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE due SET attempts = attempts - 1, lease_until = NULL, lease_token = NULL
            WHERE id = %s AND lease_token = %s
            """,
            [claim.due_id, claim.token],
        )
        if cursor.rowcount != 1:
            raise LeaseLost(f"{claim.kind} {claim.row_id}")


def backlog(*, at: datetime) -> list[tuple[str, int, float]]:
    """Return (kind, rows due and unleased, seconds that the oldest has waited) for health and metrics."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT kind, count(*), EXTRACT(epoch FROM %(at)s - min(due_at))::float8
            FROM due WHERE due_at <= %(at)s AND (lease_until IS NULL OR lease_until < %(at)s) GROUP BY kind
            """,
            {"at": at},
        )
        return [(kind, rows, waited) for kind, rows, waited in cursor.fetchall()]
