"""One reading alone, as hands and messages send them: told and recorded by one statement.

It does what `tell_series` and `record_new` do for any number of them. What it cannot decide it leaves to
them: the series is to be made or adopted, its KPI is not as remembered, something is known of the figure.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, NamedTuple

from kpis.actions.readings_check import Checked
from kpis.actions.readings_feed import Feed
from kpis.actions.readings_series import Held
from kpis.actions.readings_store import row_of
from kpis.queries.sql import array, fetch, statement

_RECORD = statement("record_reading")


class Recorded(NamedTuple):
    """held: the series, locked and told. recorded_at, bound: of what is recorded.

    known: whether something was of the figure, so that nothing is recorded; None where it was not looked for.
    """

    held: Held
    recorded_at: datetime
    known: bool | None
    bound: bool | None


def record_one(*, workspace_id: uuid.UUID, one: Checked, feed: Feed) -> Recorded | None:
    """Tell a series that is there and record what is new of it, no retraction; None where the series is not.

    None, too, where its KPI is another one now than the item was checked by.
    """
    taker, row = one.address.taker, row_of(0, one)
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "kpi": taker.kpi.kpi_id,
        "measure": taker.kpi.measure,
        "labels": one.address.labels,
        "part": one.address.part,
        "laid_down_at": taker.laid_down_at,
        "key": taker.kpi.key,
        "history_from": taker.history_from,
        "feed": feed.id,
        "cause": feed.cause,
        "start": row.start_at,
        "end": row.end_at,
        "external_id": row.key,
        "hash": row.hash,
        "value": row.value,
        "numerator": row.numerator,
        "denominator": row.denominator,
        "n": row.n,
        "counts": None if row.counts is None else array(row.counts),
        "reason": row.reason,
    }
    [(held_id, held_feed, told_at, *recorded, _)] = fetch(_RECORD, values)
    return None if held_id is None else Recorded(Held(held_id, held_feed, told_at), *recorded)
