"""The order of a draft."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from rest_framework import serializers

from journeys.document.base import Shape
from journeys.document.bodies import Manifest
from journeys.document.elements import TOUCHPOINTS_MAX
from journeys.document.reorder import StageOrder
from journeys.document.shape import STAGES_MAX
from journeys.document.words import Ref
from journeys.models import Draft
from journeys.queries import etag_of_draft


class StagePlaceIn(Shape):
    """A stage, and what shall stand in it."""

    stage: Ref = Field(description="Id or key.")
    touchpoints: Annotated[
        tuple[Ref, ...] | None,
        Field(
            strict=False,
            max_length=TOUCHPOINTS_MAX,
            description="Ids or keys. Absent: those that stand there and no other stage calls.",
        ),
    ] = None


class ReorderingIn(Shape):
    """All stages, in the order that they shall have."""

    stages: Annotated[tuple[StagePlaceIn, ...], Field(strict=False, max_length=STAGES_MAX)]


class StagePlaceOut(serializers.Serializer[Any]):
    stage = serializers.UUIDField()
    touchpoints = serializers.ListField(child=serializers.UUIDField())


class ReorderingOut(serializers.Serializer[Any]):
    """The order that a draft has now; what POST takes."""

    stages = StagePlaceOut(many=True)
    etag = serializers.CharField(help_text="Of …/draft.")


def order_of(body: ReorderingIn) -> list[StageOrder]:
    return [StageOrder(one.stage, one.touchpoints) for one in body.stages]


def reordering_out(draft: Draft, manifest: Manifest) -> dict[str, Any]:
    stages: dict[Any, list[Any]] = {}
    for placed in manifest.elements:
        if placed.parent is None:
            stages[placed.id] = []
        else:
            stages[placed.parent].append(placed.id)
    rows = [{"stage": own, "touchpoints": inner} for own, inner in stages.items()]
    return {"stages": rows, "etag": etag_of_draft(draft)}
