"""What is stored of a map: the map, its one draft, elements, bodies.

Content is addressed by its hash: a body is an element's content without its id, position and
children, stored once per workspace; a version lists (element, parent, body) in order. Versions and
bodies are insert-only behind a trigger (docs/decisions/0002, 0005).
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from service.models import Resource, Workspace, listing_index, resource_constraints


class JourneyMap(Resource):
    """The named thing with an identity. `name` follows the draft, `live_revision` every visible change.

    `parent_touchpoint` and the map that it is of follow the version published last.
    With `requires_approval` it is published only where somebody else than the author approved.
    A copy remembers its `origin` and the last version of it that it shares (0: it had none yet).
    `erasures` counts the redactions that changed its versions.
    """

    name = models.CharField(max_length=200)
    last_version = models.PositiveIntegerField(default=0)
    live_revision = models.BigIntegerField(default=0)
    erasures = models.PositiveIntegerField(default=0)
    parent_touchpoint = models.UUIDField(null=True)
    parent_map = models.ForeignKey(
        "self", models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="tactical"
    )
    requires_approval = models.BooleanField(default=False)
    origin_id = models.UUIDField(null=True)
    origin_version = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "journey_map"
        constraints: ClassVar = resource_constraints("journey_map")
        indexes: ClassVar = [
            listing_index("journey_map"),
            # the maps below one
            models.Index(
                fields=["workspace", "parent_map"],
                name="journey_map_tactical",
                condition=models.Q(parent_map__isnull=False),
            ),
        ]


class Draft(models.Model):
    """The one mutable document of a map, as the bodies in `DraftBody`. `revision` is its ETag.

    It is always based on the version published last.

    `digest` covers the whole, as a version's does. `personas` and `elements` are in the order drawn, each
    stage followed by its touchpoints; `references` are those personas that only name one of the library.
    `links` tells whether anything in it names an element that publishing has to look for. `hands` are the
    credentials that changed it since version `hands_since` was published; the database writes both.
    """

    journey_map = models.OneToOneField(JourneyMap, models.PROTECT, primary_key=True, db_constraint=False)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    revision = models.PositiveIntegerField(default=1)
    digest = models.BinaryField(max_length=32)
    format = models.PositiveSmallIntegerField()
    personas = ArrayField(models.UUIDField())
    elements = ArrayField(models.UUIDField())
    references = ArrayField(models.UUIDField())
    links = models.BooleanField()
    updated_at = models.DateTimeField()
    hands = ArrayField(models.UUIDField(), default=list)
    hands_since = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "draft"


class DraftBody(models.Model):
    """The content of one part of a draft; of the root under the map's own id. It changes in place.

    An edit rewrites one small row and not the document, and what was never published leaves no trace.
    `number` is the element's, `body` that of the same content in the store, null until it is published.
    """

    class Part(models.TextChoices):
        ROOT = "root"
        PERSONA = "persona"
        STAGE = "stage"
        TOUCHPOINT = "touchpoint"

    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    journey_map = models.ForeignKey(JourneyMap, models.PROTECT, db_constraint=False, db_index=False)
    part = models.CharField(max_length=16, choices=Part)
    id = models.UUIDField()
    pk = models.CompositePrimaryKey("workspace_id", "journey_map_id", "part", "id")
    number = models.BigIntegerField(null=True)
    body = models.BigIntegerField(null=True)
    digest = models.BinaryField(max_length=32)
    content = models.BinaryField()

    class Meta:
        db_table = "draft_body"


class Element(models.Model):
    """A stage or touchpoint as an identity that outlives versions; registered when a draft first saves it.

    `number` stands for the id in manifests: eight bytes instead of sixteen, three times per element.
    """

    class Kind(models.TextChoices):
        STAGE = "stage"
        TOUCHPOINT = "touchpoint"

    id = models.UUIDField(primary_key=True)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    journey_map = models.ForeignKey(JourneyMap, models.PROTECT, db_constraint=False, db_index=False)
    kind = models.CharField(max_length=16, choices=Kind)
    number = models.BigIntegerField()
    origin_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "element"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "id"], name="element_in_workspace"),
            # manifest → id, and the elements of a map
            models.UniqueConstraint(fields=["workspace", "journey_map", "number"], name="element_of_map"),
        ]


class Body(models.Model):
    """Canonical bytes, once per workspace by their SHA-256."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    digest = models.BinaryField(max_length=32)
    content = models.BinaryField()

    class Meta:
        db_table = "body"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "digest"], name="body_by_digest"),
        ]
