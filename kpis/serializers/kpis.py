"""KPIs, in and out. What a definition may say is checked by `parse_definition`, here only the types of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from kpis.serializers.thresholds import Thresholds
from kpis.series import stock_terms
from kpis.series.kinds import KINDS
from kpis.series.method import DEDUPES, DIRECTIONS, INPUTS, PERIODS
from service.fields import StrictBoolean, StrictChar, StrictInteger, ZoneName
from service.serializers import READ_ONLY, PageQuery, Part, ResourceIn

RULES = "Target and thresholds in the KPI's unit; null or left out: nothing is judged."
PLAUSIBLE = (
    "What lies beyond it is suspect: shown, but neither judged nor summed until it is confirmed. Held "
    "against it is each reading of a period of the KPI; where none is, as of answers, counted events, sides, "
    "flows, shorter periods and KPIs made of KPIs, the figure of the settled period. null: none."
)
INVITED = (
    "Of a survey: id or key of the KPI that counts those who were asked, by the same labels. Points and maps "
    "then say how many of them answered."
)
TOTAL = (
    "Which totals are sent beside their parts: where the two differ in one of the last twelve complete "
    "periods, that is a finding (`total_mismatch`). null: none."
)
NULLABLE = (
    *("period", "currency", "scale_min", "scale_max", "lower", "upper", "window_s", "dedupe"),
    *("expression", "plausibility", "combine", "total", "invited_kpi"),
    *stock_terms.NAMES,
)
_KIND = f"What is measured: {', '.join(KINDS)}; see `GET /v1/kpi-kinds`."


@extend_schema_field({"type": "number"})
class ExactNumber(serializers.Field[Decimal, Any, Decimal, Any]):
    """A JSON number, kept with its digits."""

    default_error_messages = {"invalid": "A number is expected."}

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, (int, float, Decimal)):
            self.fail("invalid")
        return Decimal(str(data))

    def to_representation(self, value: Decimal) -> Decimal:
        return value


@extend_schema_field(Thresholds)
class RulesField(serializers.JSONField):
    """Rules as they are sent; `parse_rules` checks them."""

    def to_internal_value(self, data: Any) -> Any:
        return data


class NumberOut(serializers.FloatField):
    """A JSON number in the contract; served with exactly its digits."""


def _optional(*, null: bool = False) -> dict[str, Any]:
    return {"required": False, "allow_null": True} if null else {"required": False}


def about(name: str) -> str:
    """Return the help text of a term of a stock."""
    term = next(term for term in stock_terms.TERMS if term.name == name)
    values = "; ".join(f"`{value}`: {sense}" for value, sense in term.values.items())
    return f"Of kinds over a stock of customers, else null. {term.about} {values} Default: {term.default}."


def _term(name: str) -> StrictChar:
    return StrictChar(max_length=20, help_text=about(name), **_optional(null=True))


class PlausibilityIn(Part):
    """In the KPI's unit; at least one member is a number."""

    low = ExactNumber(help_text="A plausible figure is not below.", **_optional(null=True))
    high = ExactNumber(help_text="A plausible figure is not above.", **_optional(null=True))
    jump = ExactNumber(help_text="The most that it differs from the figure before.", **_optional(null=True))
    jump_share = ExactNumber(
        help_text="The same as a share of the figure before: 0.5 is by half.", **_optional(null=True)
    )


class PlausibilityOut(serializers.Serializer[Any]):
    low = NumberOut(allow_null=True)
    high = NumberOut(allow_null=True)
    jump = NumberOut(allow_null=True)
    jump_share = NumberOut(allow_null=True)


class TotalIn(Part):
    """The series without `label` is the total of those with it, all other labels alike."""

    label = StrictChar(  # type: ignore[assignment]
        max_length=64, help_text="What tells the parts apart, such as `plan`."
    )
    tolerance = ExactNumber(
        help_text="Share of the total by which the sum of the parts may differ: 0 to 1; 0.001 unless given.",
        **_optional(null=True),
    )


class TotalOut(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    tolerance = NumberOut()


class KpiIn(ResourceIn):
    """What is left out of the definition comes from the kind and its first method."""

    echoes = READ_ONLY | {"revision", "measure"}

    name = StrictChar(max_length=200)
    description = StrictChar(required=False, allow_blank=True, default="", max_length=2000)
    owner = StrictChar(required=False, allow_blank=True, default="", max_length=200)
    kind = StrictChar(max_length=40, help_text=_KIND)
    method = StrictChar(
        max_length=40, help_text="How it is worked out; methods are never mixed.", **_optional()
    )
    unit = StrictChar(max_length=40, help_text="Of the figure; custom kinds choose it.", **_optional())
    currency = StrictChar(
        max_length=3, help_text="ISO 4217, where the unit is `currency`.", **_optional(null=True)
    )
    direction = StrictChar(
        max_length=10, help_text=f"Where the good lies: {', '.join(DIRECTIONS)}.", **_optional()
    )
    input = StrictChar(max_length=20, help_text=f"What a reading brings: {', '.join(INPUTS)}.", **_optional())
    holds = StrictChar(
        max_length=10,
        help_text="`figures`, one per period or instant, or `events`, told apart by external ids.",
        **_optional(),
    )
    period = StrictChar(
        max_length=10,
        help_text=f"{', '.join(PERIODS)}; null: each reading is an instant of its own.",
        **_optional(null=True),
    )
    zone = ZoneName(
        max_length=64, help_text="Periods begin here; the workspace's unless given.", **_optional()
    )
    scale_min = StrictInteger(
        min_value=-1000, max_value=1000, help_text="The lowest answer.", **_optional(null=True)
    )
    scale_max = StrictInteger(
        min_value=-1000, max_value=1000, help_text="The highest answer.", **_optional(null=True)
    )
    lower = ExactNumber(help_text="The figure is never below.", **_optional(null=True))
    upper = ExactNumber(help_text="The figure is never above.", **_optional(null=True))
    sampled = StrictBoolean(
        help_text="Stands for more people than were asked: has an interval.", **_optional()
    )
    min_n = StrictInteger(
        min_value=0, max_value=10**9, help_text="With fewer observations it is `insufficient`.", **_optional()
    )
    settle_s = StrictInteger(
        min_value=0,
        max_value=366 * 86400,
        help_text="Seconds after a period's end until its late figures are in.",
        **_optional(),
    )
    stock_unit = _term("stock_unit")
    trials = _term("trials")
    pauses = _term("pauses")
    plan_switches = _term("plan_switches")
    loss_at = _term("loss_at")
    window_s = StrictInteger(
        min_value=1,
        max_value=10 * 366 * 86400,
        help_text="Of steps: within how many seconds the later one must follow; null: nobody said.",
        **_optional(null=True),
    )
    dedupe = StrictChar(
        max_length=10,
        help_text=f"Of whom a step counts once: {', '.join(DEDUPES)}; null: nobody said.",
        **_optional(null=True),
    )
    expression = StrictChar(
        max_length=1200,
        help_text="Of kind `derived`: over other KPIs by key or `{id}`, such as `(a + b) / c` or `1 - a`.",
        **_optional(null=True),
    )
    numerator_kpi = StrictChar(max_length=64, help_text="Of kind `ratio`: id or key.", **_optional(null=True))
    denominator_kpi = StrictChar(
        max_length=64, help_text="Of kind `ratio`: id or key.", **_optional(null=True)
    )
    plausibility = PlausibilityIn(required=False, allow_null=True, help_text=PLAUSIBLE)
    combine = StrictChar(
        max_length=10,
        help_text="sum: what several feeds tell of a period is added up. prefer: the figure is the first "
        "feed's that has one. Each feed is kept apart, so sides of a rate meet within one feed alone: where "
        "one feed tells deliveries and another opens, leave it null, and tell feeds that both tell "
        "deliveries apart by a label. null: a second feed of a series is refused (409 `second_feed`); "
        "numerators may come by any feed.",
        **_optional(null=True),
    )
    feeds = serializers.ListField(
        child=StrictChar(max_length=36),
        required=False,
        max_length=20,
        help_text="With combine: prefer, the best first: ids of sources and inbound endpoints, or `api`.",
    )
    invited_kpi = StrictChar(max_length=64, help_text=INVITED, **_optional(null=True))
    total = TotalIn(required=False, allow_null=True, help_text=TOTAL)
    thresholds = RulesField(required=False, allow_null=True, default=None, help_text=RULES)


class KpiQuery(PageQuery):
    kind = StrictChar(required=False, max_length=40, help_text="Only KPIs of this kind.")
