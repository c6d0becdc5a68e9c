"""What is stored of a map: the map, its one draft, elements, bodies, versions, the persona library.

Content is addressed by its hash: a body is an element's content without its id, position and
children, stored once per workspace; a version lists (element, parent, body) in order. Versions and
bodies are insert-only behind a trigger (docs/decisions/0002, 0005).
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from service.ids import new_id
from service.models import Resource, Workspace, listing_index, resource_constraints


class JourneyMap(Resource):
    """The named thing with an identity. `name` follows the draft, `live_revision` every visible change.

    `parent_touchpoint` and the map that it is of follow the version published last.
    With `requires_approval` it is published only where somebody else than the author approved.
    A copy remembers its `origin` and the last version of it that it shares (0: it had none yet).
    """

    name = models.CharField(max_length=200)
    last_version = models.PositiveIntegerField(default=0)
    live_revision = models.BigIntegerField(default=0)
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
    `links` tells whether anything in it names an element that publishing has to look for.
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


class Version(models.Model):
    """An immutable published document, as numbers of bodies.

    `elements` and `bodies` are parallel, in the order drawn: each stage is followed by its touchpoints, so
    order and kind tell the parent. `persona_ids` and `personas` (bodies) are parallel, too.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    journey_map = models.ForeignKey(JourneyMap, models.PROTECT, db_constraint=False, db_index=False)
    number = models.PositiveIntegerField()
    digest = models.BinaryField(max_length=32)
    format = models.PositiveSmallIntegerField()
    root_body = models.BigIntegerField()
    persona_ids = ArrayField(models.UUIDField())
    personas = ArrayField(models.BigIntegerField())
    elements = ArrayField(models.BigIntegerField())
    bodies = ArrayField(models.BigIntegerField())
    message = models.CharField(max_length=2000)
    author_id = models.UUIDField()
    author_name = models.CharField(max_length=200)
    on_behalf_of = models.JSONField(null=True)
    restored_from = models.PositiveIntegerField(null=True)
    published_at = models.DateTimeField()

    class Meta:
        db_table = "version"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "journey_map", "number"], name="version_number"),
        ]
        indexes: ClassVar = [
            # the version as of an instant, and the list
            models.Index(fields=["workspace", "journey_map", "published_at"], name="version_as_of"),
        ]


class VersionLabels(models.Model):
    """What people call a version afterwards: no part of what it says, so it may change."""

    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    journey_map = models.ForeignKey(JourneyMap, models.PROTECT, db_constraint=False, db_index=False)
    number = models.PositiveIntegerField()
    pk = models.CompositePrimaryKey("workspace_id", "journey_map_id", "number")
    labels = ArrayField(models.CharField(max_length=100))
    row_version = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "version_labels"


class Review(models.Model):
    """What somebody said of a draft. Insert-only; `digest` is of what it would have been published as."""

    class Verdict(models.TextChoices):
        APPROVE = "approve"
        REJECT = "reject"

    id = models.UUIDField(primary_key=True, default=new_id)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    journey_map = models.ForeignKey(JourneyMap, models.PROTECT, db_constraint=False, db_index=False)
    revision = models.PositiveIntegerField()
    digest = models.BinaryField(max_length=32)
    verdict = models.CharField(max_length=16, choices=Verdict)
    comment = models.CharField(max_length=2000)
    author_id = models.UUIDField()
    author_name = models.CharField(max_length=200)
    on_behalf_of = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "review"
        indexes: ClassVar = [
            # the reviews of a map, and the verdicts on a content
            models.Index(fields=["workspace", "journey_map", "created_at", "id"], name="review_listing"),
        ]


class Merge(models.Model):
    """Another map, or a document from elsewhere, was merged into a map's draft. Insert-only.

    Of a map's version (`source_version`) the next merge between the two starts from there.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    journey_map = models.ForeignKey(JourneyMap, models.PROTECT, db_constraint=False, db_index=False)
    source_map_id = models.UUIDField(null=True)
    source_version = models.PositiveIntegerField(null=True)
    revision = models.PositiveIntegerField()
    message = models.CharField(max_length=2000)
    author_id = models.UUIDField()
    author_name = models.CharField(max_length=200)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "merge"
        indexes: ClassVar = [
            # the merges of a map, and the one that two maps share last
            models.Index(fields=["workspace", "journey_map", "created_at", "id"], name="merge_listing"),
        ]


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


class Rendition(models.Model):
    """A drawing on its way to PNG or PDF, or there; forgotten after a while. `digest`: of what is drawn, how.

    `drawing` is the SVG, deflated, until the picture is made. `refusal` says why there will be none, `caveat`
    what is not as it should be. `subject` is a version's number, `draft` or `live`.
    """

    class Format(models.TextChoices):
        PNG = "png"
        PDF = "pdf"

    id = models.UUIDField(primary_key=True, default=new_id)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    journey_map = models.ForeignKey(JourneyMap, models.PROTECT, db_constraint=False, db_index=False)
    digest = models.BinaryField(max_length=32)
    subject = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    format = models.CharField(max_length=8, choices=Format)
    scale = models.FloatField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    drawing = models.BinaryField()
    content = models.BinaryField(null=True)
    caveat = models.CharField(max_length=500)
    refusal = models.CharField(max_length=500)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "rendition"
        constraints: ClassVar = [
            # the same is not drawn twice
            models.UniqueConstraint(fields=["workspace", "journey_map", "digest"], name="rendition_once"),
        ]
