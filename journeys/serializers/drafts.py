"""The draft whole, and its stages and touchpoints one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, RootModel
from rest_framework import serializers
from rest_framework.request import Request

from journeys import queries
from journeys.actions import Order
from journeys.document.base import Shape
from journeys.document.edit import LAST, After
from journeys.document.elements import Stage, Touchpoint
from journeys.document.patch import OPS_MAX
from journeys.document.shape import Document
from journeys.document.validate import parse
from journeys.document.words import Ref
from journeys.formats.base import Written
from journeys.formats.joining import OnMissing
from journeys.formats.registry import TEXTS, Format
from journeys.models import Draft
from journeys.serializers.shapes import Etag, ShownId, members, page_shape, read
from service.serializers import Query

_AFTER = "Id or key of what stands before it; null for the first place; absent for the last."


class DraftDocument(Document):
    """The draft of a map: its document, with the draft's ETag."""

    etag: Etag = ""


class PatchOperation(Shape):
    """One operation of RFC 6902."""

    op: Literal["add", "remove", "replace", "move", "copy", "test"]
    path: str = Field(description="JSON Pointer into the draft.")
    source: Annotated[str | None, Field(alias="from", description="Of move and copy.")] = None
    value: Annotated[Any, Field(description="Of add, replace and test.")] = None


class JsonPatch(RootModel[list[PatchOperation]]):
    """RFC 6902, applied to what GET shows: all operations or none."""

    root: Annotated[list[PatchOperation], Field(max_length=OPS_MAX)]


class DraftQuery(Query):
    format = serializers.ChoiceField(
        ["json", *(each.name for each in TEXTS)], required=False, help_text="Instead of Accept."
    )


class DraftTextQuery(DraftQuery):
    on_missing = serializers.ChoiceField(
        ["refuse", "remove", "keep"],
        required=False,
        default="refuse",
        help_text="Of text: what becomes of stages and touchpoints that are not there: remove, keep, or "
        "refuse (the default) where they hold what the text cannot say.",
    )


class DraftStage(Stage):
    """A stage of the draft; its ETag covers its touchpoints."""

    etag: Etag = ""


class DraftTouchpoint(Touchpoint):
    """A touchpoint of the draft."""

    etag: Etag = ""
    stage: Annotated[ShownId, Field(description="The stage that it stands in.")] = None


class StageIn(DraftStage):
    """A new stage and its place."""

    after: Annotated[Ref | None, Field(description=_AFTER)] = None


class TouchpointIn(Touchpoint):
    """A new touchpoint and its place."""

    etag: Etag = ""
    stage: Ref = Field(description="Id or key of the stage that it shall stand in.")
    after: Annotated[Ref | None, Field(description=_AFTER)] = None


class StageMove(Shape):
    """Where a stage shall stand."""

    after: Annotated[Ref | None, Field(description=_AFTER)] = None


class TouchpointMove(StageMove):
    """Where a touchpoint shall stand."""

    stage: Annotated[Ref | None, Field(description="Absent: it stays in its stage.")] = None


DraftStagePage = page_shape(DraftStage)
DraftTouchpointPage = page_shape(DraftTouchpoint)


def text_order(request: Request, on_missing: OnMissing) -> Order:
    """Return a text that was sent as what the draft shall say."""
    media_type = (request.content_type or "").partition(";")[0].strip().lower()
    form = next(each for each in TEXTS if media_type in (each.media_type, *each.also_types))
    raw: Any = request.data
    return Order(form, raw, on_missing=on_missing)


def draft_as_text(draft: Draft, form: Format) -> Written:
    """Return the draft as text, with the names of the library's personas."""
    if form.write is None:
        raise LookupError(f"{form.name} is not written.")
    return form.write(parse(queries.draft_moment(draft.journey_map).content))


def new_stage(raw: Any) -> tuple[dict[str, Any], After]:
    """Return (raw stage, its place). Raises ValidationProblem with every issue."""
    read(StageIn, raw)
    return _without(raw, "etag", "after"), after_of(raw)


def new_touchpoint(raw: Any) -> tuple[str, dict[str, Any], After]:
    """Return (stage, raw touchpoint, its place). Raises ValidationProblem with every issue."""
    stage = read(TouchpointIn, raw).stage
    return stage, _without(raw, "etag", "stage", "after"), after_of(raw)


def after_of(raw: Mapping[str, Any]) -> After:
    """Return the place that a body asks for: null is the first, absence the last."""
    after: After = raw.get("after", LAST)
    return after


def _without(raw: Any, *names: str) -> dict[str, Any]:
    return {name: value for name, value in members(raw).items() if name not in names}
