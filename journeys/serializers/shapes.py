"""What the shapes of this room share: reading them, members that are only shown, pages of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, ValidationError, WithJsonSchema, create_model

from journeys.document.base import Shape
from journeys.document.issues import issues_of
from service.errors import Issue, ValidationProblem

S = TypeVar("S", bound=Shape)

# Accepted when it is sent back, and passed over: what the server alone sets.
_SHOWN = {"readOnly": True}
Etag = Annotated[str, Field(description="Send it as If-Match to change this.", json_schema_extra=_SHOWN)]
ShownId = Annotated[
    Any, WithJsonSchema({"type": "string", "format": "uuid", "readOnly": True}), Field(description="Its id.")
]
ShownInstant = Annotated[Any, WithJsonSchema({"type": "string", "format": "date-time", "readOnly": True})]
ShownInstantOrNull = Annotated[
    Any, WithJsonSchema({"type": ["string", "null"], "format": "date-time", "readOnly": True})
]


def members(raw: Any) -> Mapping[str, Any]:
    """Return a body that is an object. Raises ValidationProblem."""
    if not isinstance(raw, Mapping):
        raise ValidationProblem([Issue("", "not_an_object", "A JSON object is expected.")])
    return raw


def read(shape: type[S], raw: Any) -> S:
    """Return the shape of a body. Raises ValidationProblem with every issue."""
    try:
        return shape.model_validate(dict(members(raw)))
    except ValidationError as error:
        raise ValidationProblem(issues_of(error)) from None


def page_shape(item: type[BaseModel]) -> type[BaseModel]:
    """Return the component of a page of `item`."""
    members: dict[str, Any] = {
        "results": (list[item], ...),  # type: ignore[valid-type]
        "next": (str | None, Field(description="URL of the next page.")),
        "previous": (str | None, Field(description="URL of the page before.")),
    }
    return create_model(f"{item.__name__}Page", __doc__="One page of a list; there are no totals.", **members)
