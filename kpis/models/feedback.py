"""What people said, where it belongs, and what each place shows of it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from journeys.models import Element, JourneyMap
from kpis.models.definitions import Kpi
from service.ids import new_id
from service.models import Workspace


class Feedback(models.Model):
    """Somebody's words. `subject` is its one place: the element, else the map, else the KPI.

    `origin` is the endpoint that it came through, None for the API; an external id is unique to it. Its
    message is stored as `event_id`. `digest`: of what was sent, so that a repeat is known for
    one. `hidden`: which personal data were taken out of the text at the door. `pins`: [{journey_map, element,
    item}], where it was made a quote of a draft. Erased, it keeps its place, its time and its external id, so
    that a repeat of it is no news, and says who erased it. `corrected_at`: since when its words are these;
    what they were before is kept beside it (FormerFeedback).
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    subject = models.UUIDField()
    journey_map = models.ForeignKey(
        JourneyMap, models.PROTECT, null=True, db_constraint=False, db_index=False
    )
    element = models.ForeignKey(Element, models.PROTECT, null=True, db_constraint=False, db_index=False)
    kpi = models.ForeignKey(Kpi, models.PROTECT, null=True, db_constraint=False, db_index=False)
    origin = models.UUIDField(null=True)
    event_id = models.UUIDField(null=True)
    external_id = models.CharField(max_length=255, null=True)  # noqa: DJ001 (absent is not "")
    digest = models.BinaryField(max_length=32)
    text = models.TextField()
    hidden = ArrayField(models.CharField(max_length=16), default=list)
    score = models.FloatField(null=True)
    sentiment = models.FloatField(null=True)
    channel = models.CharField(max_length=64, default="")
    labels = models.JSONField(default=dict)
    solicited = models.BooleanField(null=True)
    observed_at = models.DateTimeField()
    pins = models.JSONField(default=list)
    corrected_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    erased_by = models.UUIDField(null=True)
    erased_by_name = models.CharField(max_length=200, default="")
    row_version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "feedback"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "id"], name="feedback_in_workspace"),
            # the repeat of something said
            models.UniqueConstraint(
                fields=["workspace", "origin", "external_id"],
                name="feedback_once",
                condition=models.Q(external_id__isnull=False),
                nulls_distinct=False,
            ),
        ]
        indexes: ClassVar = [
            # GET /v1/feedback
            models.Index(fields=["workspace", "created_at", "id"], name="feedback_listing"),
            # the latest of a place
            models.Index(
                fields=["workspace", "subject", "observed_at", "id"],
                name="feedback_of_subject",
                condition=models.Q(erased_at=None),
            ),
            # the words to a KPI's period
            models.Index(
                fields=["workspace", "kpi", "observed_at"],
                name="feedback_of_kpi",
                condition=models.Q(kpi__isnull=False),
            ),
            # what is too old to be kept
            models.Index(fields=["workspace", "observed_at"], name="feedback_age"),
        ]


class FormerFeedback(models.Model):
    """What somebody's words, and what was told with them, were from `known_from` until they were corrected.

    A row is written once. It goes with its feedback: erased, too old, or purged with its map.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    feedback = models.ForeignKey(Feedback, models.PROTECT, db_constraint=False, db_index=False)
    known_from = models.DateTimeField()
    known_to = models.DateTimeField()
    subject = models.UUIDField()
    journey_map = models.ForeignKey(
        JourneyMap, models.PROTECT, null=True, db_constraint=False, db_index=False
    )
    element = models.ForeignKey(Element, models.PROTECT, null=True, db_constraint=False, db_index=False)
    kpi = models.ForeignKey(Kpi, models.PROTECT, null=True, db_constraint=False, db_index=False)
    event_id = models.UUIDField(null=True)
    text = models.TextField()
    hidden = ArrayField(models.CharField(max_length=16), default=list)
    score = models.FloatField(null=True)
    sentiment = models.FloatField(null=True)
    channel = models.CharField(max_length=64, default="")
    labels = models.JSONField(default=dict)
    solicited = models.BooleanField(null=True)
    observed_at = models.DateTimeField()

    class Meta:
        db_table = "feedback_former"
        indexes: ClassVar = [
            # what a place had been told, as known at an instant
            models.Index(fields=["workspace", "subject", "known_to"], name="feedback_former_of_subject"),
            # what somebody's words were; what goes with them
            models.Index(fields=["workspace", "feedback", "known_to"], name="feedback_former_of"),
            # what is too old to be kept
            models.Index(fields=["workspace", "observed_at"], name="feedback_former_age"),
        ]


class FeedbackTally(models.Model):
    """What a place shows: how many were said there, and the latest few as JSON text. Derived."""

    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    subject = models.UUIDField()
    pk = models.CompositePrimaryKey("workspace_id", "subject")
    journey_map = models.ForeignKey(
        JourneyMap, models.PROTECT, null=True, db_constraint=False, db_index=False
    )
    element = models.ForeignKey(Element, models.PROTECT, null=True, db_constraint=False, db_index=False)
    n = models.IntegerField()
    latest = models.TextField()

    class Meta:
        db_table = "feedback_tally"
        indexes: ClassVar = [
            # what a map shows
            models.Index(
                fields=["workspace", "journey_map"],
                name="feedback_tally_of_map",
                condition=models.Q(journey_map__isnull=False),
            ),
        ]


class FeedbackSettings(models.Model):
    """How long a workspace keeps what people said, and what it hides. No row: for ever, all."""

    workspace = models.OneToOneField(Workspace, models.PROTECT, primary_key=True, db_constraint=False)
    retention_days = models.PositiveIntegerField(null=True)
    hide = ArrayField(models.CharField(max_length=16), default=list)
    row_version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "feedback_settings"
