"""The draft as the API shows it, and a JSON Patch of it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, RootModel

from journeys.document.base import Shape
from journeys.document.shape import Document


class DraftShown(Document):
    """The draft's document; `etag` is read-only: sent back, it is passed over."""

    etag: Annotated[str, Field(description="Send it as If-Match when you change the draft.")] = ""


class PatchOperation(Shape):
    """One operation of RFC 6902."""

    op: Annotated[str, Field(description="add, remove, replace, move, copy or test.")]
    path: Annotated[str, Field(description="JSON Pointer into the draft as it is shown.")]
    source: Annotated[str | None, Field(alias="from", description="For move and copy.")] = None
    value: Annotated[Any, Field(description="For add, replace and test.")] = None


class JsonPatch(RootModel[list[PatchOperation]]):
    """At most 500 operations, applied all or none."""
