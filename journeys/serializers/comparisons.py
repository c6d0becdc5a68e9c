"""Two maps of one vocabulary, side by side."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from journeys import queries
from journeys.document.comparison import Aligned, Pair, Side, compare, feeling_of
from journeys.document.diff import Plain, matches
from journeys.queries import Moment
from journeys.serializers.differences import MomentOut, SayingMomentName, moment_out
from service.errors import Conflict
from service.fields import StrictChar
from service.serializers import Query

_FEELING = "Valence −1 … +1; null where nothing with a sign is recorded."


class NoCommonVocabulary(Conflict):
    code, title = "no_common_vocabulary", "The stages of the two maps follow no common vocabulary."


class ComparisonQuery(Query):
    moment = SayingMomentName(
        required=False,
        max_length=200,
        help_text="Which state of this map: a version's number or id, `latest`, `draft` or an instant. When "
        "left out, what was published last, or else the draft.",
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        other = StrictChar(
            max_length=200, help_text="The other map, by id or key; `other-map@3` names a state."
        )
        return {"with": other, **super().get_fields()}


class FeelingOut(serializers.Serializer[Any]):
    """How a run of touchpoints feels, −1 … +1; `n` of them have a feeling."""

    n = serializers.IntegerField()
    mean = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    peak_end = serializers.FloatField(allow_null=True)


class NamedOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class FeltOut(NamedOut):
    feeling = serializers.FloatField(allow_null=True, help_text=_FEELING)


class SideOut(serializers.Serializer[Any]):
    """What one map has at a stage."""

    stages = NamedOut(many=True, help_text="Empty where it lacks the stage; several where it has split it.")
    touchpoints = serializers.IntegerField()
    moments_of_truth = serializers.IntegerField()
    back_stage = serializers.IntegerField()
    duration_s = serializers.FloatField(allow_null=True, help_text="Sum of what is known.")
    importance = serializers.FloatField(allow_null=True, help_text="Mean of what is known.")
    feeling = FeelingOut()
    items = serializers.DictField(child=serializers.IntegerField(), help_text="Entries by lane.")


class SetsOut(serializers.Serializer[Any]):
    both = serializers.ListField(child=serializers.CharField())
    only_here = serializers.ListField(child=serializers.CharField())
    only_there = serializers.ListField(child=serializers.CharField())


class PairOut(serializers.Serializer[Any]):
    """A touchpoint that both have."""

    here = FeltOut()
    there = FeltOut()
    by = serializers.CharField(help_text="What tells that it is the same: id, origin, key or name.")
    gap = serializers.FloatField(allow_null=True, help_text="How much better it feels there.")


class TouchpointSetsOut(serializers.Serializer[Any]):
    both = PairOut(many=True)
    only_here = FeltOut(many=True)
    only_there = FeltOut(many=True)


class AlignedOut(serializers.Serializer[Any]):
    """One stage of the vocabulary in both maps."""

    stage = serializers.CharField(help_text="The word of the vocabulary.")
    label = serializers.CharField()  # type: ignore[assignment]
    position = serializers.IntegerField(
        allow_null=True, help_text="In the vocabulary, 0 for the first; null: beyond it."
    )
    here = SideOut()
    there = SideOut()
    gap = serializers.FloatField(allow_null=True, help_text="How much better the stage feels there.")
    channels = SetsOut()
    touchpoints = TouchpointSetsOut()


class ComparisonOut(serializers.Serializer[Any]):
    """Two maps, stage by stage."""

    vocabulary = serializers.CharField()
    here = MomentOut()
    there = MomentOut()
    stages = AlignedOut(many=True)
    etag = serializers.CharField()


def comparison_out(here: Moment, there: Moment) -> dict[str, Any]:
    """Compare two moments stage by stage. Raises NoCommonVocabulary."""
    one, other = here.plain(), there.plain()
    vocabulary = one.get("stage_vocabulary", "")
    if not vocabulary or vocabulary != other.get("stage_vocabulary"):
        raise NoCommonVocabulary(
            f"Here it is {vocabulary or 'none'}, there {other.get('stage_vocabulary', 'none')}: "
            "name one in `stage_vocabulary` of both."
        )
    lines = queries.origins(here.journey_map), queries.origins(there.journey_map)
    words = queries.stage_words(here.journey_map.workspace_id, vocabulary)
    rows = compare(one, other, words, matches(one, other, *lines))
    ends = f"{here.journey_map.pk} {here.digest.hex()} {there.journey_map.pk} {there.digest.hex()} {words}"
    return {
        "vocabulary": vocabulary,
        "here": moment_out(here),
        "there": moment_out(there),
        "stages": [_aligned_out(row) for row in rows],
        "etag": f'"{hashlib.sha256(ends.encode()).hexdigest()[:32]}"',
    }


def _aligned_out(row: Aligned) -> dict[str, Any]:
    here, there = row.here, row.there
    return {
        "stage": row.word,
        "label": row.label,
        "position": row.position,
        "here": _side_out(here),
        "there": _side_out(there),
        "gap": _gap(here.feeling.mean, there.feeling.mean),
        "channels": {
            "both": [one for one in here.channels if one in there.channels],
            "only_here": [one for one in here.channels if one not in there.channels],
            "only_there": [one for one in there.channels if one not in here.channels],
        },
        "touchpoints": {
            "both": [_pair_out(pair) for pair in row.both],
            "only_here": [_felt(touchpoint) for touchpoint in row.only_here],
            "only_there": [_felt(touchpoint) for touchpoint in row.only_there],
        },
    }


def _side_out(side: Side) -> dict[str, Any]:
    return {
        "stages": [_named(stage) for stage in side.stages],
        "touchpoints": len(side.touchpoints),
        "moments_of_truth": side.moments_of_truth,
        "back_stage": side.back_stage,
        "duration_s": side.duration_s,
        "importance": side.importance,
        "feeling": asdict(side.feeling),
        "items": side.items,
    }


def _pair_out(pair: Pair) -> dict[str, Any]:
    return {
        "here": _named(pair.here) | {"feeling": pair.feeling_here},
        "there": _named(pair.there) | {"feeling": pair.feeling_there},
        "by": pair.by,
        "gap": _gap(pair.feeling_here, pair.feeling_there),
    }


def _gap(here: float | None, there: float | None) -> float | None:
    return None if here is None or there is None else there - here


def _felt(touchpoint: Plain) -> dict[str, Any]:
    return _named(touchpoint) | {"feeling": feeling_of(touchpoint)}


def _named(thing: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": thing["id"], "name": thing["name"]}
