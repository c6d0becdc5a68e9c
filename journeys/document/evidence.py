"""Evidence in bulk: the notes of an affinity diagram, in their clusters."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .base import Shape
from .words import Day, Line, Name, ShortText, Slug, Text

NOTES_MAX = 200


class Note(Shape):
    """One sticky note: what somebody said, did or met with."""

    text: Line = Field(description="The note itself, 1 to 2000 characters.")
    source: Annotated[Text, Field(description="Where it comes from: an interview, a ticket, an address.")] = (
        ""
    )
    participant: Annotated[ShortText, Field(description="Whose note it is: 'P7', never a name.")] = ""
    date: Annotated[Day | None, Field(description="The day on which it was taken.")] = None


class Cluster(Shape):
    """Notes that belong together, under the heading that was found for them."""

    key: Slug = Field(description="What entries of the map name as their `cluster`.")
    label: Name = Field(description="The heading.")
    description: Annotated[Text, Field(description="What was learned from them.")] = ""
    notes: Annotated[
        tuple[Note, ...], Field(strict=False, max_length=NOTES_MAX, description="In the order pinned.")
    ] = ()
