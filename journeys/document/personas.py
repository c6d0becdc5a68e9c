"""Personas: an entry of the document is a snapshot of the library's, or (in a draft) a reference to it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from .base import Shape
from .words import Attributes, ElementId, Key, LabelName, Line, OptionalSlug, ShortText, Text

LABELS_MAX = 8
TRAITS_MAX = 50

Lines = Annotated[tuple[Line, ...], Field(strict=False, max_length=TRAITS_MAX)]
Selector = Annotated[
    dict[LabelName, Annotated[str, StringConstraints(min_length=1, max_length=200)]],
    Field(max_length=LABELS_MAX),
]


class Empathy(Shape):
    """The four quarters of an empathy map, each a list of statements."""

    says: Annotated[Lines, Field(description="What the persona says aloud.")] = ()
    thinks: Annotated[Lines, Field(description="What the persona thinks and may not say.")] = ()
    does: Annotated[Lines, Field(description="What the persona does.")] = ()
    feels: Annotated[Lines, Field(description="What the persona feels.")] = ()


class PersonaProfile(Shape):
    """What is known of a persona beside its identity; the library's resource has the same members."""

    archetype: Annotated[ShortText, Field(description="The type in a few words: 'the bargain hunter'.")] = ""
    actor_kind: Annotated[
        OptionalSlug,
        Field(
            description="The kind of actor: customer, user, buyer, employee, citizen, patient, client … "
            "(free slug); absent = the map's."
        ),
    ] = ""
    description: Annotated[Text, Field(description="Background in prose, at most 2000 characters.")] = ""
    goals: Annotated[Lines, Field(description="What the persona wants to reach.")] = ()
    needs: Annotated[Lines, Field(description="What the persona requires on the way.")] = ()
    frustrations: Annotated[Lines, Field(description="What stands in the way.")] = ()
    empathy: Annotated[Empathy, Field(description="Empathy map: says, thinks, does, feels.")] = Empathy()
    quote: Annotated[Text, Field(description="One sentence that sounds like the persona.")] = ""
    selector: Annotated[
        Selector,
        Field(
            description="Labels of the figures that are this persona's, as {label: value}; at most 8. "
            "A map seen for the persona shows these figures."
        ),
    ] = {}
    attributes: Annotated[Attributes, Field(description="The client's own labels: at most 50 pairs.")] = {}


class PersonaEntry(PersonaProfile):
    """A persona of the map: in a draft {"id": …} may refer to the library, a version holds the snapshot."""

    id: Annotated[
        ElementId | None, Field(description="Id in the workspace's library; minted when absent.")
    ] = None
    key: Annotated[Key, Field(description="Name for machines, unique among the map's personas.")] = ""
    name: Annotated[
        ShortText, Field(description="What the persona is called; absent only where `id` stands alone.")
    ] = ""

    @property
    def is_reference(self) -> bool:
        """True where the entry only names a persona of the library; such an entry holds nothing but `id`."""
        return not self.name
