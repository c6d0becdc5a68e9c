"""The table of kinds as it is served: all that each method knows of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from kpis.serializers.kpis import NumberOut
from kpis.series import stock_terms
from kpis.series.definition import Definition, defaults
from kpis.series.kinds import CAVEATS, KINDS
from kpis.series.method import Kind, Method
from kpis.series.thresholds import usual_run
from service.fields import StrictChar
from service.serializers import Query

NATURES = ("experience", "operational")


class KindQuery(Query):
    nature = StrictChar(
        required=False, max_length=20, help_text=f"Only kinds of this nature: {', '.join(NATURES)}."
    )
    q = StrictChar(required=False, max_length=80, help_text="Part of a key, of a name or of another name.")


class EmotionMappingOut(serializers.Serializer[Any]):
    low = NumberOut(help_text="The figure that is felt as -1, where more is better.")
    high = NumberOut(help_text="The figure that is felt as +1, where more is better.")
    formula = serializers.CharField()


class StockTermOut(serializers.Serializer[Any]):
    """A field of the definition, and what its values mean."""

    name = serializers.CharField()
    about = serializers.CharField()
    default = serializers.CharField()
    values = serializers.DictField(child=serializers.CharField(), help_text="Each value with its sense.")


class JudgedOut(serializers.Serializer[Any]):
    by = serializers.CharField(help_text="interval or figure.")
    consecutive = serializers.IntegerField(
        help_text="Points in a row that must be worse; of an interval, one is enough at 99.9 %."
    )
    recover_after = serializers.IntegerField(
        help_text="Points in a row that must be inside again; of an interval, one wholly inside is enough."
    )


class MethodOut(serializers.Serializer[Any]):
    method = serializers.CharField()
    formula = serializers.CharField()
    unit = serializers.CharField(allow_blank=True, help_text="Empty where the KPI chooses it.")
    direction = serializers.CharField()
    aggregation = serializers.CharField(help_text="How figures of several readings become one.")
    summable = serializers.BooleanField(help_text="Parts of several readings may be added.")
    inputs = serializers.ListField(child=serializers.CharField(), help_text="The first is the default.")
    holds = serializers.ListField(
        child=serializers.CharField(), help_text="What its series may hold: figures, events."
    )
    questions = serializers.IntegerField(
        allow_null=True, help_text="So many `answers` of one person make one value."
    )
    period = serializers.CharField(allow_null=True)
    scale_min = serializers.IntegerField(allow_null=True)
    scale_max = serializers.IntegerField(allow_null=True)
    fixed_scale = serializers.BooleanField()
    lower = NumberOut(allow_null=True)
    upper = NumberOut(allow_null=True)
    sampled = serializers.BooleanField()
    min_n = serializers.IntegerField()
    interval = serializers.CharField(
        allow_null=True, help_text="Of a sample, 95 %: wilson, multinomial, t or order; null: it has none."
    )
    emotion = EmotionMappingOut(
        allow_null=True,
        help_text="How the default scale maps to -1..+1; null: it does not say how people feel.",
    )
    judged = JudgedOut(help_text="How thresholds judge it that do not say otherwise.")
    flows = serializers.ListField(
        child=serializers.CharField(),
        help_text="With the input `flows`: what is told of a period, over a base.",
    )
    terms = StockTermOut(many=True, help_text="What a definition over a stock of customers says besides.")
    source = serializers.CharField()  # type: ignore[assignment]


class CaveatOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()


class KindOut(serializers.Serializer[Any]):
    kind = serializers.CharField()
    name = serializers.CharField()
    known_as = serializers.ListField(child=serializers.CharField(), help_text="Other names of the field.")
    nature = serializers.CharField(
        help_text="experience: what people say or feel; operational: what happened."
    )
    solicited = serializers.BooleanField(
        allow_null=True, help_text="False: they spoke by themselves; null: nobody speaks."
    )
    caveats = serializers.ListField(child=serializers.CharField())
    caveat_details = CaveatOut(many=True)
    methods = MethodOut(many=True)


def kinds_of(params: Mapping[str, Any]) -> list[Kind]:
    """Return the kinds that a query asks for, in the order of the table."""
    nature, text = params.get("nature"), params.get("q", "").casefold()
    return [
        kind
        for kind in KINDS.values()
        if nature in (None, kind.nature)
        and any(text in name.casefold() for name in (kind.key, kind.name, *kind.known_as))
    ]


def kind_out(kind: Kind) -> Mapping[str, Any]:
    """Return a row of the table of kinds."""
    return {
        "kind": kind.key,
        "name": kind.name,
        "known_as": list(kind.known_as),
        "nature": kind.nature,
        "solicited": kind.solicited,
        "caveats": list(kind.caveats),
        "caveat_details": [{"code": code, "detail": CAVEATS[code]} for code in kind.caveats],
        "methods": [_method_out(method, defaults(kind.key, method.key)) for method in kind.methods],
    }


def _method_out(method: Method, plain: Definition) -> Mapping[str, Any]:
    return {
        "method": method.key,
        "formula": method.formula,
        "unit": method.unit,
        "direction": method.direction,
        "aggregation": method.aggregation,
        "summable": method.summable,
        "inputs": list(method.inputs),
        "holds": method.holds,
        "questions": method.questions or None,
        "period": method.period,
        "scale_min": plain.scale_min,
        "scale_max": plain.scale_max,
        "fixed_scale": method.fixed_scale,
        "lower": plain.lower,
        "upper": plain.upper,
        "sampled": method.sampled,
        "min_n": method.min_n,
        "interval": method.interval,
        "emotion": _emotion(method, plain),
        "judged": {
            "by": "interval" if method.sampled else "figure",
            "consecutive": usual_run(method.sampled),
            "recover_after": usual_run(method.sampled),
        },
        "flows": list(method.flows),
        "terms": [_term_out(term) for term in stock_terms.TERMS] if method.flows else [],
        "source": method.source,
    }


def _term_out(term: stock_terms.Term) -> Mapping[str, Any]:
    return {"name": term.name, "about": term.about, "default": term.default, "values": dict(term.values)}


def _emotion(method: Method, plain: Definition) -> Mapping[str, Any] | None:
    if not method.felt or plain.lower is None or plain.upper is None:
        return None
    up = "2 · (figure - low) / (high - low) - 1"
    formula = f"-({up})" if method.direction == "down" else up
    return {"low": plain.lower, "high": plain.upper, "formula": formula}
