"""What is stored of erasures: nothing of what was erased."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from service.ids import new_id
from service.models import Workspace


class Erasure(models.Model):
    """Who erased, when and why. Insert-only, and written by the owner's function that erased."""

    id = models.UUIDField(primary_key=True, default=new_id)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    reason = models.CharField(max_length=2000)
    author_id = models.UUIDField()
    author_name = models.CharField(max_length=200)
    created_at = models.DateTimeField()

    class Meta:
        abstract = True


class Redaction(Erasure):
    """Something was tombstoned wherever the workspace held it. `item`: its id, or the key of a cluster.

    `changes`: [{journey_map, version, old_digest, new_digest}], digests in hex. `drafts`: of which maps.
    """

    item = models.CharField(max_length=64)
    kind = models.CharField(max_length=16)
    changes = models.JSONField()
    drafts = ArrayField(models.UUIDField())

    class Meta:
        db_table = "redaction"
        indexes: ClassVar = [models.Index(fields=["workspace", "created_at", "id"], name="redaction_listing")]


class Purge(Erasure):
    """A whole map went. `versions`: [{version, digest}] that it had."""

    journey_map = models.UUIDField()
    versions = models.JSONField()

    class Meta:
        db_table = "purge"
        indexes: ClassVar = [models.Index(fields=["workspace", "created_at", "id"], name="purge_listing")]
