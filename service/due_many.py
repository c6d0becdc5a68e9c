"""Claims of due work, many at once: each is one statement, whatever it does to how many rows.

Nothing is raised for a claim that somebody else holds by now: it is missing from the answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from service.due import Claim
from service.sql import fetch

_HELD = """
SELECT due.id FROM due
JOIN json_to_recordset(%(claims)s::json) AS asked (id bigint, token uuid)
  ON due.id = asked.id AND due.lease_token = asked.token
"""
_FINISH = """
WITH asked AS MATERIALIZED (
  SELECT * FROM json_to_recordset(%(claims)s::json) AS asked (id bigint, token uuid, due_at timestamptz)
), over AS (
  DELETE FROM due USING asked
  WHERE due.id = asked.id AND due.lease_token = asked.token AND asked.due_at IS NULL RETURNING due.id
), again AS (
  UPDATE due SET due_at = asked.due_at, attempts = 0, lease_until = NULL, lease_token = NULL FROM asked
  WHERE due.id = asked.id AND due.lease_token = asked.token AND asked.due_at IS NOT NULL RETURNING due.id
)
SELECT id FROM over UNION ALL SELECT id FROM again
"""
_DEFER = """
UPDATE due SET due_at = asked.due_at, attempts = attempts - 1, lease_until = NULL, lease_token = NULL
FROM json_to_recordset(%(claims)s::json) AS asked (id bigint, token uuid, due_at timestamptz)
WHERE due.id = asked.id AND due.lease_token = asked.token RETURNING due.id
"""


def still_held(claims: Iterable[Claim]) -> set[int]:
    """Return the due ids of the claims that are ours. Locks nothing: `finish_all` has the last word."""
    return _ids(_HELD, ((claim, None) for claim in claims))


def finish_all(ends: Iterable[tuple[Claim, datetime | None]]) -> set[int]:
    """End claims in the caller's transaction: due again then, or never. Return the due ids that were ours.

    A caller whose effects include one that was not must roll back.
    """
    return _ids(_FINISH, ends)


def defer_all(deferred: Iterable[tuple[Claim, datetime]]) -> set[int]:
    """Give rows back untried, due then: such a claim is no attempt. Return the due ids that were ours."""
    return _ids(_DEFER, deferred)


def _ids(sql: str, claims: Iterable[tuple[Claim, datetime | None]]) -> set[int]:
    asked = [{"id": claim.due_id, "token": claim.token, "due_at": due_at} for claim, due_at in claims]
    if not asked:
        return set()
    return {due_id for (due_id,) in fetch(sql, {"claims": msgspec.json.encode(asked).decode()})}
