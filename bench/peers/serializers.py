"""Nested serializers over prefetched rows, and a list serializer that creates in bulk."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from bench.peers.models import PeerKpi, PeerMap, PeerReading, PeerStage, PeerTouchpoint


class ReadingSerializer(serializers.ModelSerializer[PeerReading]):
    class Meta:
        model = PeerReading
        fields = ("start_at", "end_at", "value", "n")


class KpiSerializer(serializers.ModelSerializer[PeerKpi]):
    readings = ReadingSerializer(source="latest", many=True)

    class Meta:
        model = PeerKpi
        fields = ("id", "name", "unit", "readings")


class TouchpointSerializer(serializers.ModelSerializer[PeerTouchpoint]):
    kpis = KpiSerializer(many=True)

    class Meta:
        model = PeerTouchpoint
        fields = ("id", "name", "content", "kpis")


class StageSerializer(serializers.ModelSerializer[PeerStage]):
    touchpoints = TouchpointSerializer(many=True)

    class Meta:
        model = PeerStage
        fields = ("id", "name", "goal", "touchpoints")


class MapSerializer(serializers.ModelSerializer[PeerMap]):
    stages = StageSerializer(many=True)

    class Meta:
        model = PeerMap
        fields = ("id", "name", "stages")


class BulkList(serializers.ListSerializer[Any]):
    def create(self, validated_data: list[dict[str, Any]]) -> list[PeerReading]:
        return PeerReading.objects.bulk_create(
            [PeerReading(**row) for row in validated_data],
            update_conflicts=True,
            unique_fields=["kpi", "end_at", "start_at"],
            update_fields=["value", "numerator", "denominator", "n", "recorded_at"],
        )


class ReadingIn(serializers.ModelSerializer[PeerReading]):
    class Meta:
        model = PeerReading
        list_serializer_class = BulkList
        validators = ()  # bulk_create resolves conflicts; a query per row would be no fair peer
        fields = ("kpi", "start_at", "end_at", "value", "numerator", "denominator", "n", "recorded_at")
