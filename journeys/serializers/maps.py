"""Maps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, ValidationError
from rest_framework import serializers

from journeys.document.base import Shape
from journeys.document.issues import issues_of
from journeys.document.shape import Document
from journeys.document.validate import InvalidDocument, parse
from journeys.document.words import Attributes, Key, Name, Slug
from journeys.models import JourneyMap
from journeys.queries import document_of, etag_of_draft, template
from journeys.serializers.shapes import Etag, ShownId, ShownInstant, ShownInstantOrNull, members
from service.errors import Issue, NotFound, ValidationProblem
from service.fields import Slug as SlugField
from service.fields import StrictBoolean, StrictChar
from service.resources import shown_resource
from service.serializers import READ_ONLY, PageQuery, ResourceIn, ResourceOut, checked, merged

SHOWN = READ_ONLY | {"last_version", "draft", "origin", "parent"}
_GIVEN = ("key", "attributes", "name", "template", "document")


class JourneyMapQuery(PageQuery):
    key = SlugField(required=False, help_text="Just the map with this key.")
    q = StrictChar(required=False, max_length=200, help_text="Part of the name, in any case.")


class JourneyMapIn(Shape):
    """A new map: from a document, from a template, or with a name alone to start from."""

    key: Annotated[Key, Field(description="Unique in the workspace; accepted wherever an id is.")] = ""
    attributes: Annotated[Attributes, Field(description="Up to 50 pairs for your own use.")] = {}
    name: Annotated[
        Name | None, Field(description="In place of a document; with a template in place of its name.")
    ] = None
    document: Annotated[Document | None, Field(description="The draft to start from.")] = None
    template: Annotated[
        Slug | None,
        Field(description="Key or id of a template to start from; all elements get new ids."),
    ] = None
    id: ShownId = None
    etag: Etag = ""
    created_at: ShownInstant = None
    updated_at: ShownInstant = None
    archived_at: ShownInstantOrNull = None


class JourneyMapChangeIn(ResourceIn):
    """Key and attributes; the name follows the draft."""

    echoes = SHOWN | {"name"}
    requires_approval = StrictBoolean(
        required=False,
        default=False,
        help_text="Somebody else than who publishes has to approve first. To change it takes `maps:review`.",
    )


class DraftStateOut(serializers.Serializer[Any]):
    etag = serializers.CharField(help_text="Of …/draft.")
    updated_at = serializers.DateTimeField()
    based_on = serializers.IntegerField(allow_null=True, help_text="Number of the version published last.")


class OriginOut(serializers.Serializer[Any]):
    """What a map is a copy of."""

    journey_map = serializers.UUIDField()
    version = serializers.IntegerField(help_text="The last one that the two share; 0: it had none yet.")


class ParentOut(serializers.Serializer[Any]):
    journey_map = serializers.UUIDField()
    touchpoint = serializers.UUIDField()


class JourneyMapOut(ResourceOut):
    name = serializers.CharField(help_text="As the draft has it.")
    last_version = serializers.IntegerField(help_text="Number of the version published last; 0: none yet.")
    draft = DraftStateOut()
    requires_approval = serializers.BooleanField()
    origin = OriginOut(allow_null=True, help_text="Of a copy.")
    parent = ParentOut(
        allow_null=True, help_text="Where it hangs as a tactical map, as the version published last says."
    )


class ChildrenQuery(PageQuery):
    touchpoint = serializers.UUIDField(
        required=False, help_text="Just maps that show this touchpoint in detail."
    )


def journey_map_in(raw: Any, workspace_id: UUID) -> tuple[Document, str, dict[str, str]]:
    """Return (document, key, attributes) of a new map. Raises ValidationProblem with every issue.

    Null is absence inside the document; of the members around it none may be null but those that are shown.
    """
    rest = {name: value for name, value in members(raw).items() if value is not None}
    given = rest.pop("document", None)
    nulls = [name for name in _GIVEN if name in members(raw) and members(raw)[name] is None]
    issues = [Issue(f"/{name}", "null", "May be left out, but not null.") for name in nulls]
    head = JourneyMapIn()
    try:
        head = JourneyMapIn.model_validate(rest)
    except ValidationError as error:
        issues += issues_of(error)
    document = None
    if given is not None:
        document, found = _document(given)
        issues += found
        issues += [
            Issue(f"/{name}", "not_both", "The document says what the map starts with.")
            for name in ("name", "template")
            if name in rest
        ]
    elif head.template is not None:
        document, found = _from_template(workspace_id, head.template, head.name or "")
        issues += found
    elif head.name is not None:
        document = Document(name=head.name)
    elif not {"name", "template"} & rest.keys() and not nulls:
        issues.append(Issue("/document", "required", "Send a document, a template or a name to start from."))
    if issues or document is None:
        raise ValidationProblem(issues)
    return document, head.key, dict(head.attributes)


def change_in(row: JourneyMap, patch: Any) -> Mapping[str, Any]:
    """Return the values of a map after a merge patch. Raises ValidationProblem."""
    given = {name: value for name, value in (("key", row.key),) if value is not None}
    shown = {"attributes": row.attributes, "name": row.name, "requires_approval": row.requires_approval}
    raw = merged({**given, **shown}, patch)
    if raw.pop("name", row.name) != row.name:
        detail = "The name follows the draft: change it there."
        raise ValidationProblem([Issue("/name", "read_only", detail)])
    values = checked(JourneyMapChangeIn, raw)
    return {"key": values.get("key")} | {own: values[own] for own in ("attributes", "requires_approval")}


def journey_map_out(row: JourneyMap) -> dict[str, Any]:
    origin = {"journey_map": row.origin_id, "version": row.origin_version} if row.origin_id else None
    return {
        **shown_resource(row),
        "name": row.name,
        "last_version": row.last_version,
        "draft": {
            "etag": etag_of_draft(row.draft),
            "updated_at": row.draft.updated_at,
            "based_on": row.last_version or None,
        },
        "requires_approval": row.requires_approval,
        "origin": origin,
        "parent": {"journey_map": row.parent_map_id, "touchpoint": row.parent_touchpoint}
        if row.parent_map_id
        else None,
    }


def _from_template(workspace_id: UUID, ref: str, name: str) -> tuple[Document | None, list[Issue]]:
    try:
        return document_of(template(workspace_id, ref), name), []
    except NotFound:
        return None, [Issue("/template", "unknown_reference", "There is no template of this key or id.")]


def _document(given: Any) -> tuple[Document | None, list[Issue]]:
    if not isinstance(given, Mapping):
        return None, [Issue("/document", "wrong_type", "Must be an object.")]
    try:
        return parse({name: value for name, value in given.items() if name != "etag"}), []
    except InvalidDocument as refusal:
        return None, [issue.under("/document") for issue in refusal.issues]
