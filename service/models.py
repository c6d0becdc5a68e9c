"""What any good service stores: workspaces, credentials, due work, events, replays.

`workspace`, `credential` and `due` carry no row level security and no content: authentication and
claiming read them before a workspace is known (docs/decisions/0006). Every other table is forced.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from service.ids import new_id


class SealedField(models.BinaryField):  # type: ignore[type-arg]
    """A secret as service.vault sealed it; `manage.py rotate_secrets` finds its columns by this type."""

    def deconstruct(self) -> Any:
        # To migrations it is plain bytes: they import nothing of ours.
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.BinaryField", args, kwargs


class Workspace(models.Model):
    """The tenant. `limits` bounds counts by name, e.g. {"journey_maps": 500}."""

    id = models.UUIDField(primary_key=True, default=new_id)
    name = models.CharField(max_length=200)
    zone = models.CharField(max_length=64, default="UTC")
    history_from = models.DateTimeField()
    limits = models.JSONField(default=dict)
    # the horizon: readings that ended earlier are no longer kept
    readings_from = models.DateTimeField(null=True)
    row_version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "workspace"


class Credential(models.Model):
    """Secret hash → workspace, target. During a rotation the previous secret lives on for a while."""

    class Kind(models.TextChoices):
        API_KEY = "api_key"
        VIEW_TOKEN = "view_token"
        INGRESS_TOKEN = "ingress_token"

    id = models.UUIDField(primary_key=True, default=new_id)
    workspace = models.ForeignKey(Workspace, models.PROTECT)
    kind = models.CharField(max_length=16, choices=Kind)
    name = models.CharField(max_length=200)
    prefix = models.CharField(max_length=16)
    secret_hash = models.BinaryField(max_length=32, unique=True)
    previous_hash = models.BinaryField(max_length=32, null=True, unique=True)
    previous_expires_at = models.DateTimeField(null=True)
    scopes = ArrayField(models.CharField(max_length=64))
    target_id = models.UUIDField(null=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    row_version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "credential"
        indexes = [
            # GET /v1/api-keys
            models.Index(fields=["workspace", "kind", "created_at", "id"], name="credential_listing"),
        ]


class Due(models.Model):
    """A row that something must be done about at `due_at`; claimed by lease (service/due.py)."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, models.PROTECT)
    kind = models.CharField(max_length=32)
    row_id = models.UUIDField()
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)

    class Meta:
        db_table = "due"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "kind", "row_id"], name="due_once"),
        ]
        indexes = [
            # claim(): workspace by workspace, oldest first
            models.Index(fields=["kind", "workspace", "due_at"], name="due_turns"),
        ]


class Event(models.Model):
    """What happened, written in the transaction that made it happen. `position` comes after commit."""

    id = models.UUIDField(default=new_id)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    pk = models.CompositePrimaryKey("workspace_id", "id")
    type = models.CharField(max_length=64)
    data = models.JSONField()
    occurred_at = models.DateTimeField()
    position = models.BigIntegerField(null=True)

    class Meta:
        db_table = "event"
        constraints = [
            # the feed, read by position
            models.UniqueConstraint(fields=["workspace", "position"], name="event_feed_order"),
        ]
        indexes = [
            # the sequencer's next batch
            models.Index(
                fields=["workspace", "occurred_at", "id"], name="event_unplaced", condition=Q(position=None)
            ),
        ]


class EventFeed(models.Model):
    """The last position given out. A restore from backup renews `epoch`, which voids old cursors."""

    workspace = models.OneToOneField(Workspace, models.PROTECT, primary_key=True, db_constraint=False)
    position = models.BigIntegerField(default=0)
    epoch = models.UUIDField(default=uuid.uuid4)

    class Meta:
        db_table = "event_feed"


class StoredAnswer(models.Model):
    """The answer of a POST that carried an Idempotency-Key, kept with its effect for 24 hours."""

    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    scope = models.BinaryField(max_length=32)
    pk = models.CompositePrimaryKey("workspace_id", "scope")
    fingerprint = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField()
    body = models.BinaryField()
    sealed = models.BooleanField(default=False)  # a body that shows a secret is kept encrypted
    created_at = models.DateTimeField()

    class Meta:
        db_table = "stored_answer"
        indexes = [models.Index(fields=["workspace", "created_at"], name="stored_answer_age")]


class Resource(models.Model):
    """What every configurable resource has. `row_version` is its ETag; DELETE sets `archived_at`."""

    id = models.UUIDField(primary_key=True, default=new_id)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    key = models.CharField(max_length=64, null=True)  # noqa: DJ001 (absent is not "")
    attributes = models.JSONField(default=dict)
    row_version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


def resource_constraints(name: str) -> list[models.BaseConstraint]:
    """Return the keys that each Resource table carries: the target of composite foreign keys, and `key`."""
    return [
        models.UniqueConstraint(fields=["workspace", "id"], name=f"{name}_in_workspace"),
        models.UniqueConstraint(
            fields=["workspace", "key"], name=f"{name}_key", condition=Q(archived_at=None)
        ),
    ]


def listing_index(name: str) -> models.Index:
    """Return the index of the list endpoint: unarchived, oldest first."""
    return models.Index(
        F("workspace"), F("created_at"), F("id"), name=f"{name}_listing", condition=Q(archived_at=None)
    )
