"""The same map kept by other libraries of history: revisions of the whole, and rows written by triggers."""

from __future__ import annotations

from typing import ClassVar

import pghistory
import reversion
from django.db import models


class RevisionMap(models.Model):
    name = models.CharField(max_length=200)
    version = models.IntegerField(default=0)

    class Meta:
        db_table = "peer_revision_map"


class RevisionStage(models.Model):
    map = models.ForeignKey(RevisionMap, models.CASCADE, related_name="stages")
    name = models.CharField(max_length=200)
    goal = models.CharField(max_length=2000)
    place = models.IntegerField()

    class Meta:
        db_table = "peer_revision_stage"


class RevisionTouchpoint(models.Model):
    stage = models.ForeignKey(RevisionStage, models.CASCADE, related_name="touchpoints")
    name = models.CharField(max_length=200)
    content = models.JSONField()
    place = models.IntegerField()

    class Meta:
        db_table = "peer_revision_touchpoint"


# A revision is the whole map: that is what a version is.
reversion.register(RevisionMap, follow=("stages",))
reversion.register(RevisionStage, follow=("touchpoints",))
reversion.register(RevisionTouchpoint)


@pghistory.track(meta={"db_table": "peer_event_map_event"})
class EventMap(models.Model):
    name = models.CharField(max_length=200)
    version = models.IntegerField(default=0)

    class Meta:
        db_table = "peer_event_map"


class EventStage(models.Model):
    map = models.ForeignKey(EventMap, models.CASCADE, related_name="stages")
    name = models.CharField(max_length=200)
    goal = models.CharField(max_length=2000)
    place = models.IntegerField()

    class Meta:
        db_table = "peer_event_stage"


@pghistory.track(meta={"db_table": "peer_event_touchpoint_event"})
class EventTouchpoint(models.Model):
    stage = models.ForeignKey(EventStage, models.CASCADE, related_name="touchpoints")
    name = models.CharField(max_length=200)
    content = models.JSONField()
    place = models.IntegerField()

    class Meta:
        db_table = "peer_event_touchpoint"
        indexes: ClassVar = []
