"""Which periods figures can be told in beside their own: none that would make nonsense of them."""

from __future__ import annotations

from kpis.series.definition import Definition
from kpis.series.kinds import KINDS
from kpis.series.method import PERIODS
from service.errors import Issue

_CALENDAR = ("month", "quarter", "year")


def not_in_periods(definition: Definition, bucket: str | None, zone: str | None) -> Issue | None:
    """Return why figures of this definition cannot be told by `bucket` (None: as they are) in `zone`.

    Events and instants fit into any period of any zone. Figures of a period keep their zone; they are summed
    into longer periods, if they can be summed at all and each lies in one of these.
    """
    own = definition.period
    if own is None:
        return None
    if definition.stocked and (bucket not in (None, own) or zone not in (None, definition.zone)):
        detail = f"Who joins and is lost within other periods than its {own}s is in no base of them."
        return Issue("/bucket" if bucket not in (None, own) else "/zone", "base_of_period", detail)
    events = definition.holds == "events"
    if zone is not None and zone != definition.zone and not events:
        detail = f"Its figures are of {own}s as they begin in {definition.zone}."
        return Issue("/zone", "zone_of_figures", detail)
    if bucket is None or bucket == own:
        return None
    finer = PERIODS.index(bucket) < PERIODS.index(own)
    if finer and not events:
        detail = f"The KPI's figures are of a {own}; they cannot be split into {bucket}s."
        return Issue("/bucket", "finer_than_period", detail)
    if _across(own, bucket) and not events:
        detail = f"Weeks lie across the ends of {bucket}s: a week's figure belongs to two of them."
        return Issue("/bucket", "periods_overlap", detail)
    if "unique_per_period" in KINDS[definition.kind].caveats:
        detail = f"Who is counted once in each {own} would be counted several times in a {bucket}."
        return Issue("/bucket", "unique_counts", detail)
    if definition.combine == "prefer" and (finer or _across(own, bucket)):
        why = "cannot be told within one" if finer else f"says nothing of one that lies in two {bucket}s"
        detail = f"Which feed is preferred is told of whole {own}s and {why}: ask for what {own}s fit into."
        return Issue("/bucket", "preferred_feeds", detail)
    if not events and is_bare(definition):
        detail = "Its figures come without their parts; an average of them is no figure."
        return Issue("/bucket", "not_summable", detail)
    return None


def _across(own: str, bucket: str) -> bool:
    """Whether some of the shorter periods belong to two of the longer."""
    return own == "week" and bucket in _CALENDAR


def is_bare(definition: Definition) -> bool:
    """Say whether figures come without the parts that could be summed."""
    return definition.input == "value" and definition.row.form in _BARE


_BARE = ("ratio", "complement", "balance", "score", "quantile")
