"""How the same things are usually built: a table per noun, nested serializers, row history, snapshots."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from simple_history.models import HistoricalRecords

import bench.peers.histories  # noqa: F401 (models of this app, too)


class PeerMap(models.Model):
    name = models.CharField(max_length=200)
    version = models.IntegerField(default=0)
    history = HistoricalRecords(table_name="peer_map_history")

    class Meta:
        db_table = "peer_map"


class PeerStage(models.Model):
    map = models.ForeignKey(PeerMap, models.CASCADE, related_name="stages")
    name = models.CharField(max_length=200)
    goal = models.CharField(max_length=2000)
    place = models.IntegerField()

    class Meta:
        db_table = "peer_stage"


class PeerTouchpoint(models.Model):
    stage = models.ForeignKey(PeerStage, models.CASCADE, related_name="touchpoints")
    name = models.CharField(max_length=200)
    content = models.JSONField()
    place = models.IntegerField()
    history = HistoricalRecords(table_name="peer_touchpoint_history")

    class Meta:
        db_table = "peer_touchpoint"


class PeerKpi(models.Model):
    touchpoint = models.ForeignKey(PeerTouchpoint, models.CASCADE, related_name="kpis")
    name = models.CharField(max_length=200)
    unit = models.CharField(max_length=32)

    class Meta:
        db_table = "peer_kpi"


class PeerReading(models.Model):
    kpi = models.ForeignKey(PeerKpi, models.CASCADE, related_name="readings")
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()
    value = models.DecimalField(max_digits=30, decimal_places=12, null=True)
    numerator = models.DecimalField(max_digits=30, decimal_places=12, null=True)
    denominator = models.DecimalField(max_digits=30, decimal_places=12, null=True)
    n = models.BigIntegerField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "peer_reading"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kpi", "end_at", "start_at"], name="peer_reading_once"),
        ]


class PeerSnapshot(models.Model):
    """A version as most would store it: the whole document again."""

    map = models.ForeignKey(PeerMap, models.CASCADE)
    number = models.IntegerField()
    document = models.JSONField()

    class Meta:
        db_table = "peer_snapshot"
