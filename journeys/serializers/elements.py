"""Elements of a draft one by one: where a new or moved one goes, and what is shown of it."""

from __future__ import annotations

from typing import Any

from journeys.document.base import Shape
from journeys.document.edit import LAST, After
from journeys.document.elements import Stage, Touchpoint
from service.errors import Issue, ValidationProblem
from service.fields import StrictChar
from service.serializers import In

_AFTER = "Id or key of the element that it stands behind; null for the first place; left out for the last."


class StageShown(Stage):
    """A stage of the draft, with its ETag."""

    etag: str


class TouchpointShown(Touchpoint):
    """A touchpoint of the draft, with its ETag and the stage that it stands in."""

    etag: str
    stage: str


class StageNew(Stage):
    """A stage to be added; `after` says where."""

    after: str | None = None


class TouchpointNew(Touchpoint):
    """A touchpoint to be added to `stage`; `after` says where."""

    stage: str
    after: str | None = None


class StageMoveIn(In):
    echoes = frozenset()
    after = StrictChar(required=False, allow_null=True, max_length=64, help_text=_AFTER)


class TouchpointMoveIn(StageMoveIn):
    stage = StrictChar(required=False, max_length=64, help_text="Where it goes; left out, it stays.")


class StagesShown(Shape):
    """The stages of a draft, in the order drawn."""

    results: tuple[StageShown, ...]


class TouchpointsShown(Shape):
    """The touchpoints of a draft, in the order drawn."""

    results: tuple[TouchpointShown, ...]


def new_element(raw: Any) -> tuple[dict[str, Any], After, str | None]:
    """Return (the element itself, after, stage) of a body that adds one. Raises ValidationProblem."""
    if not isinstance(raw, dict):
        raise ValidationProblem([Issue("", "not_an_object", "A JSON object is expected.")])
    issues = [
        Issue(f"/{name}", "invalid", "Give an id or key.")
        for name in ("after", "stage")
        if not isinstance(raw.get(name), (str, type(None)))
    ]
    if issues:
        raise ValidationProblem(issues)
    own = {name: value for name, value in raw.items() if name not in {"after", "stage", "etag"}}
    return own, raw.get("after", LAST), raw.get("stage")
