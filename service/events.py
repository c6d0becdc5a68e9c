"""Events: one INSERT in the caller's transaction, a feed position after commit.

Positions never come from a serial or a transaction id: those are given out before commit, so a
reader could pass a number whose row is not there yet. One sequencer per workspace numbers the
committed rows under a lock; readers run it before they read. Cursors carry the feed's epoch, which
a restore from backup renews.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from service.ids import new_id
from service.models import EventFeed
from service.renderers import encode
from service.sql import array, execute
from service.tenancy import advisory_lock

_EMIT = """
INSERT INTO event (id, workspace_id, type, data, occurred_at)
SELECT one.id, %(workspace)s, %(type)s, one.data::jsonb, %(at)s
FROM unnest(%(ids)s::uuid[], %(data)s::text[]) AS one (id, data)
"""


def emit(*, workspace_id: uuid.UUID, type: str, data: Mapping[str, Any], at: datetime) -> uuid.UUID:
    """Write an event in the running transaction and return its id."""
    [event_id] = emit_all(workspace_id=workspace_id, type=type, data=[data], at=at)
    return event_id


def emit_all(
    *, workspace_id: uuid.UUID, type: str, data: Sequence[Mapping[str, Any]], at: datetime
) -> list[uuid.UUID]:
    """Write events of one type, in their order, and return their ids. One statement, none for no events."""
    ids = [new_id() for _ in data]
    if ids:
        values = {"workspace": workspace_id, "type": type, "at": at, "ids": array(ids)}
        execute(_EMIT, values | {"data": [encode(one).decode() for one in data]})
    return ids


# Strings go, save ids: consumers keep what they can count by, and the feed keeps its order.
_STRIP = """
UPDATE event SET data = (
  SELECT COALESCE(jsonb_object_agg(key, value), '{}') FROM jsonb_each(data)
  WHERE jsonb_typeof(value) IN ('number', 'boolean')
     OR value #>> '{}' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
) || '{"erased": true}'
WHERE workspace_id = %(workspace)s AND EXISTS (
  SELECT FROM unnest(%(texts)s::text[]) AS held (text)
  WHERE CASE
    -- A word or two stands in many a sentence that quotes nobody.
    WHEN length(text) < 12
      THEN jsonb_path_exists(data, '$.** ? (@ == $text)', jsonb_build_object('text', text))
    -- As the text stands inside JSON, quotes aside.
    ELSE position(substr(to_jsonb(text)::text, 2, length(to_jsonb(text)::text) - 2) IN data::text) > 0
  END
)
"""


def strip_events(*, workspace_id: uuid.UUID, texts: Iterable[str]) -> None:
    """Take all texts out of the events that hold one of these; ids, numbers and truths stay.

    A text of less than 12 characters is held only where it stands alone.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STRIP, {"workspace": workspace_id, "texts": sorted(set(texts))})


_PLACE = """
WITH fresh AS (
  SELECT id, row_number() OVER (ORDER BY occurred_at, id) AS place
  FROM event WHERE workspace_id = %(workspace)s AND position IS NULL
), placed AS (
  UPDATE event SET position = %(last)s + fresh.place
  FROM fresh WHERE event.workspace_id = %(workspace)s AND event.id = fresh.id RETURNING position
)
UPDATE event_feed SET position = GREATEST(position, (SELECT max(placed.position) FROM placed))
WHERE workspace_id = %(workspace)s AND EXISTS (SELECT 1 FROM placed)
"""


def place_events(*, workspace_id: uuid.UUID) -> uuid.UUID:
    """Give every committed event of the workspace its position and return the feed's epoch."""
    advisory_lock("event-feed", workspace_id)
    feed, _ = EventFeed.objects.get_or_create(workspace_id=workspace_id)
    with connection.cursor() as cursor:
        cursor.execute(_PLACE, {"workspace": workspace_id, "last": feed.position})
    return feed.epoch
