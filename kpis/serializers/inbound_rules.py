"""Rules of inbound endpoints as they are sent, and how what their messages lead to is asked for."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from kpis.connectors.calls import SentIn, headers_of
from kpis.connectors.fields import PathField
from kpis.connectors.http_json.config import LeadIn
from kpis.connectors.leads import Trail
from kpis.connectors.mapping import BASES, FIGURES, FLOWS, HAPPENED, SIDES
from kpis.serializers.mappings import MappingIn
from service.fields import StrictBoolean, StrictChar, StrictList, StrictNumber
from service.outbound import OutboundError, Policy
from service.outbound.policy import check_headers


class FetchIn(SentIn):
    """How the documents are asked for that messages lead to: their host, and what is sent to it."""

    url = StrictChar(
        max_length=2000, help_text="No other host is called; what messages give is joined to it."
    )

    def validate_url(self, url: str) -> str:
        try:
            Policy.from_settings().target(url)
        except OutboundError as error:
            raise serializers.ValidationError(str(error), code=error.code) from error
        return url


class RuleIn(MappingIn):
    """How a message, or each of the items in it, becomes readings of one KPI."""

    figureless = ("const", "op", "text_path")
    each = PathField(required=False, help_text="Where the items are; the whole message when left out.")
    follow = LeadIn(
        required=False,
        help_text="The message carries an id or URL only: the document is fetched as `fetch` says, and kept. "
        "The paths of the rule are relative to {item, followed}.",
    )
    external_ids = StrictList(
        child=PathField(),
        required=False,
        min_length=2,
        max_length=5,
        help_text="In place of external_id: several that together name it, as a message and its recipient.",
    )
    const = StrictNumber(required=False, help_text="The value of whatever happened: 1 counts it.")
    op = serializers.ChoiceField(
        (*SIDES, *HAPPENED),
        required=False,
        help_text="The thing that external_id names counts in the denominator, or in the numerator too: "
        "once, in the period of its denominator, in whichever order and however often it is told. "
        "joined, lost: what happened to it, of a KPI over a stock.",
    )

    retract = StrictBoolean(
        required=False,
        help_text="true: the sender deleted what external_id names. What rules of this KPI said of it, or "
        "will say of an earlier time, is taken back; no figure and no time is named.",
    )
    text_path = PathField(
        required=False,
        help_text="What somebody said: it becomes feedback, beside the reading or, where no figure is named, "
        "instead of one.",
    )
    journey_map = StrictChar(required=False, max_length=64, help_text="Of what is said: id or key.")
    element = StrictChar(
        required=False, max_length=64, help_text="Of what is said: id, or key in journey_map."
    )
    channel = StrictChar(required=False, max_length=64, help_text="Of what is said.")

    def validate(self, rule: dict[str, Any]) -> dict[str, Any]:
        if rule.pop("retract", False):
            return _taking_back(rule)
        places = [name for name in ("journey_map", "element", "channel") if name in rule]
        if places and "text_path" not in rule:
            raise serializers.ValidationError({places[0]: ["It is of what text_path finds."]}, code="no_text")
        if "each" in rule and "items" in rule:
            raise serializers.ValidationError({"items": ["It is another word for each."]}, code="one_of")
        if "external_id" in rule and "external_ids" in rule:
            raise serializers.ValidationError({"external_ids": ["Give one of both."]}, code="one_of")
        figures = [
            name
            for name in (*FIGURES, "distribution", *FLOWS, *BASES, "const", "scale", "unit")
            if name in rule
        ]
        if "op" in rule:
            issues = {name: ["A side counts things; it has no figure."] for name in figures}
            needed = {"external_id": "external_ids", "observed_at": "observed_at"}
            issues |= {
                name: ["A side needs it."]
                for name, other in needed.items()
                if name not in rule and other not in rule
            }
            if issues:
                raise serializers.ValidationError(issues, code="op")
        elif "const" in rule and figures != ["const"]:
            raise serializers.ValidationError({"const": ["It is the figure; give no other."]}, code="one_of")
        return super().validate(rule)


def _taking_back(rule: dict[str, Any]) -> dict[str, Any]:
    """Return a rule with `retract`; raises ValidationError for what would say anything else."""
    needless = rule.keys() - {"kpi", "each", "items", "when", "follow", "external_id", "external_ids"}
    if needless:
        detail = "A rule that takes back says only what: kpi, when, external_id."
        raise serializers.ValidationError({name: [detail] for name in sorted(needless)}, code="retract")
    named = [name for name in ("external_id", "external_ids") if name in rule]
    if len(named) != 1 or {"each", "items"} <= rule.keys():
        place = "external_id" if len(named) != 1 else "items"
        raise serializers.ValidationError({place: ["Give one of both."]}, code="one_of")
    return rule | {"retract": True}


def check_fetch(fetch: dict[str, Any], rules: list[dict[str, Any]], secret: str | None) -> None:
    """Raise ValidationError unless what rules follow may be fetched, and the headers be sent."""
    for number, rule in enumerate(rules):
        if "follow" not in rule:
            continue
        if not fetch:
            detail = f"Rule {number} follows: say from where, and with what."
            raise serializers.ValidationError({"fetch": [detail]}, code="required")
        if not Trail(fetch["url"]).reaches(rule["follow"].get("url", "")):
            detail = f"Rule {number} leads to another host."
            raise serializers.ValidationError({"fetch": {"url": [detail]}}, code="other_host")
    if fetch:
        try:
            check_headers(headers_of(fetch, "x" if secret is None else secret))
        except OutboundError as error:
            place = "fetch" if secret is None else "fetch_secret"
            raise serializers.ValidationError({place: [str(error)]}, code=error.code) from error
