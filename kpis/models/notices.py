"""Who is told of which findings, and when nobody is."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from service.models import Resource, listing_index, resource_constraints


class Notice(Resource):
    """ "Tell these of findings like that." `selector` are the members of kpis.series.notice.Selector, ids as
    text; `occasions` of the same module; `tell` are words that its events carry, for whoever reads them."""

    name = models.CharField(max_length=200)
    enabled = models.BooleanField(default=True)
    selector = models.JSONField(default=dict)
    occasions = ArrayField(models.CharField(max_length=16), default=list)
    tell = ArrayField(models.CharField(max_length=100), default=list)

    class Meta:
        db_table = "notice"
        constraints: ClassVar = resource_constraints("notice")
        indexes: ClassVar = [listing_index("notice")]


class Silence(Resource):
    """ "Tell nobody of findings like that, from then until then." The findings are there all the same."""

    selector = models.JSONField(default=dict)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=1000)
    author = models.UUIDField(null=True)
    author_name = models.CharField(max_length=200, default="")

    class Meta:
        db_table = "silence"
        constraints: ClassVar = resource_constraints("silence")
        indexes: ClassVar = [
            listing_index("silence"),
            # those that hold now
            models.Index(fields=["workspace", "ends_at"], name="silence_ends"),
        ]
