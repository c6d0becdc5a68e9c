"""A reading as somebody sends it: by hand, in a batch, from a source's mapping or a webhook's.

Its figure is one of `value` (with `n`), `numerator` and `denominator`, `distribution` ({step: answers}), or
`answers` to the questions of a questionnaire.
Its time is one of `period` ("2026-10", resolved in the KPI's zone), `start` and `end`, or `observed_at`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

Number = Decimal | int


class ReadingIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One item for `record_readings`. Instants are aware; numbers are int or Decimal, never float.

    kpi: id or key. answers: of one person, to all questions of a questionnaire, in their order. labels: of
    the series. flows: what joined a stock and was lost in a period; base: how many (or how much) it was at an
    instant; side: what happened to the thing that external_id names (joined | lost). external_id: what tells
    events apart. retract: take back what was recorded of this period,
    instant or external id. reason: why it is corrected or taken back.
    """

    kpi: str
    value: Number | None = None
    numerator: Number | None = None
    denominator: Number | None = None
    n: Number | None = None
    distribution: Mapping[str, Number] | None = None
    answers: Sequence[Number] | None = None
    unit: str | None = None
    period: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    observed_at: datetime | None = None
    labels: Mapping[str, str] = {}
    flows: Mapping[str, Number] | None = None
    base: Number | None = None
    side: str | None = None
    external_id: str | None = None
    retract: bool = False
    reason: str | None = None
