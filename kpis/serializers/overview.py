"""All maps side by side: what is told of them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from kpis.queries.overview import MOST_MAPS
from kpis.queries.overview_told import MOST_BREACHES
from kpis.serializers.clocks import ClockQuery
from kpis.serializers.kpis import NumberOut
from kpis.serializers.live import LiveCoverageOut
from service.fields import StrictChar


class OverviewQuery(ClockQuery):
    """Then: the maps that were open, with the versions and figures of then."""

    q = StrictChar(required=False, max_length=200, help_text="Part of the name, in any case.")


class SeenFigureOut(serializers.Serializer[Any]):
    element = serializers.UUIDField(allow_null=True, help_text="Null: at the map.")
    binding = serializers.UUIDField()
    kpi = serializers.UUIDField()
    name = serializers.CharField()
    value = NumberOut(allow_null=True)
    unit = serializers.CharField()
    currency = serializers.CharField(allow_null=True)
    period = serializers.CharField(allow_null=True)
    status = serializers.CharField()
    freshness = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    observed_at = serializers.DateTimeField(allow_null=True)


class OverviewFigureOut(SeenFigureOut):
    explain = serializers.CharField(help_text="How it was made.")


class OverviewSourceOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField(help_text="Of a past: what it was called when it broke.")
    last_success_at = serializers.DateTimeField(
        allow_null=True, help_text="Null: never, or of a past whose runs are no longer kept."
    )


class OverviewEvidenceOut(serializers.Serializer[Any]):
    total = serializers.IntegerField(help_text="Statements: items, quotes, opportunities, emotions.")
    researched = serializers.IntegerField(help_text="Those that are more than assumed.")
    share = serializers.FloatField(allow_null=True, help_text="0 to 1; null where nothing is stated.")


class OverviewReviewOut(serializers.Serializer[Any]):
    due = serializers.DateField(allow_null=True, help_text="Null: none is planned.")
    overdue = serializers.BooleanField()


class SeenMapOut(serializers.Serializer[Any]):
    """A map as a view of the overview shows it."""

    journey_map = serializers.UUIDField()
    name = serializers.CharField()
    status = serializers.CharField(help_text="As the live map's as a whole.")
    worst = serializers.CharField(allow_null=True)
    coverage = LiveCoverageOut()
    counts = serializers.DictField(child=serializers.IntegerField())
    in_breach = serializers.IntegerField(help_text="Figures in breach, stale ones too.")
    breaches = SeenFigureOut(many=True, help_text=f"The first {MOST_BREACHES} of them.")
    stalest = SeenFigureOut(allow_null=True, help_text="The figure that speaks of the longest ago.")
    broken_sources = OverviewSourceOut(many=True)
    open_findings = serializers.DictField(
        child=serializers.IntegerField(), help_text="Of its figures, by severity."
    )
    evidence = OverviewEvidenceOut(allow_null=True)
    owner = serializers.CharField(allow_null=True, help_text="Who keeps it true, as its review says.")
    review = OverviewReviewOut(allow_null=True)


class OverviewMapOut(SeenMapOut):
    name = serializers.CharField(
        help_text="Of a past: as it was published; where nothing was, the one that it has now."
    )
    key = serializers.CharField(allow_null=True, help_text="The one that it has now.")
    version = serializers.IntegerField(allow_null=True, help_text="Null: nothing was published yet.")
    published_at = serializers.DateTimeField(allow_null=True)
    breaches = OverviewFigureOut(many=True, help_text=f"The first {MOST_BREACHES} of them.")
    stalest = OverviewFigureOut(allow_null=True, help_text="The figure that speaks of the longest ago.")
    live = serializers.CharField(help_text="Its live map.")


class OverviewWordOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class OverviewCellOut(serializers.Serializer[Any]):
    word = serializers.CharField()
    stages = serializers.ListField(child=serializers.UUIDField())
    touchpoints = serializers.IntegerField()
    status = serializers.CharField()
    worst = serializers.CharField(allow_null=True)
    coverage = LiveCoverageOut()


class OverviewLineOut(serializers.Serializer[Any]):
    journey_map = serializers.UUIDField()
    name = serializers.CharField()
    cells = OverviewCellOut(many=True, help_text="Of the words that stages of the map bear, in their order.")
    others = serializers.IntegerField(help_text="Stages that bear none of the words.")


class OverviewMatrixOut(serializers.Serializer[Any]):
    """Maps that name one vocabulary of stages, stage by stage."""

    vocabulary = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    words = OverviewWordOut(many=True)
    maps = OverviewLineOut(many=True)


class OverviewClocksOut(serializers.Serializer[Any]):
    as_of = serializers.DateTimeField(allow_null=True, help_text="Null: now.")
    known_at = serializers.DateTimeField(allow_null=True, help_text="Null: by all that is known now.")


class OverviewOut(OverviewClocksOut):
    maps = OverviewMapOut(many=True, help_text="By name.")
    more = serializers.BooleanField(help_text=f"There are more than {MOST_MAPS} maps: narrow them by `q`.")
    matrices = OverviewMatrixOut(many=True, help_text="Of vocabularies that two maps or more name.")


class SeenOverviewOut(OverviewClocksOut):
    """Maps side by side as a view shows them."""

    view = serializers.UUIDField()
    maps = SeenMapOut(many=True, help_text="By name; of those that the view names the published ones.")
    more = serializers.BooleanField(help_text=f"There are more than {MOST_MAPS} maps.")
    matrices = OverviewMatrixOut(many=True, help_text="Of vocabularies that two maps or more name.")
