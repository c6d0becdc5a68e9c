"""What a workspace keeps beside its maps: personas, vocabularies, templates, collections."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from journeys.models.maps import JourneyMap
from service.models import Resource, listing_index, resource_constraints


class Persona(Resource):
    """An archetype in the workspace's library; `content` is the document's persona without its id and key."""

    name = models.CharField(max_length=200)
    content = models.JSONField()

    class Meta:
        db_table = "persona"
        constraints: ClassVar = resource_constraints("persona")
        indexes: ClassVar = [listing_index("persona")]


class Vocabulary(Resource):
    """A list of words of the workspace: its own, or in the place of the shipped one of the same key.

    `content` is the document's vocabulary without its key.
    """

    kind = models.CharField(max_length=64)
    content = models.JSONField()

    class Meta:
        db_table = "vocabulary"
        constraints: ClassVar = resource_constraints("vocabulary")
        indexes: ClassVar = [listing_index("vocabulary")]


class Template(Resource):
    """A published version as a start for new maps. The version is named, not copied: it never changes.

    `actor_kind`, `stages` and `touchpoints` (how many) are what lists tell of its document.
    """

    name = models.CharField(max_length=200)
    description = models.CharField(max_length=2000)
    sector = models.CharField(max_length=100)
    journey_map = models.ForeignKey(JourneyMap, models.PROTECT, db_constraint=False, db_index=False)
    version = models.PositiveIntegerField()
    actor_kind = models.CharField(max_length=64)
    stages = models.PositiveIntegerField()
    touchpoints = models.PositiveIntegerField()

    class Meta:
        db_table = "template"
        constraints: ClassVar = resource_constraints("template")
        indexes: ClassVar = [listing_index("template")]


class Collection(Resource):
    """Maps that belong together, in an order of their own: several diagrams that tell one thing."""

    name = models.CharField(max_length=200)
    description = models.CharField(max_length=10000)
    journey_maps = ArrayField(models.UUIDField())

    class Meta:
        db_table = "collection"
        constraints: ClassVar = resource_constraints("collection")
        indexes: ClassVar = [listing_index("collection")]
