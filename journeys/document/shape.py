"""Document: the content of a journey map, whole.

Partial maps are valid: only `name` is required, of the map, of a stage, of a touchpoint.
Rules that span several fields are in `rules.py`; `validate.parse` applies both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from .base import Shape, Since
from .elements import LANES_MAX, Element, Stage, TimeWindow, Touchpoint, Transition
from .evidence import Cluster
from .personas import PersonaEntry
from .wording import VOCABULARIES_MAX, VocabularyEntry
from .words import (
    Attributes,
    Day,
    ElementId,
    Language,
    LongText,
    Name,
    OptionalSlug,
    ShortText,
    Slug,
    Text,
)

FORMAT = 2
"""The newest format that this code reads and writes; see `format.py`."""

WORDING_FORMAT = 2
"""The format that brought `wording`, which publishing fills in."""

STAGES_MAX = 100
PERSONAS_MAX = 30
TRANSITIONS_MAX = 1_000
CLUSTERS_MAX = 100


class CustomLane(Shape):
    """A row of the map beyond the shipped ones; drawn after them in the order of the list."""

    key: Slug = Field(description="Name of the lane in `lane_items` of touchpoints.")
    label: Name = Field(description="What stands at the head of the row.")
    description: Annotated[Text, Field(description="What belongs into the row.")] = ""


class Review(Shape):
    """Who keeps the map true, and how often."""

    owner: Annotated[ShortText, Field(description="The person or team who answers for the map.")] = ""
    cadence: Annotated[
        OptionalSlug,
        Field(
            description="How often it is looked at: weekly, fortnightly, monthly, quarterly, half-yearly, "
            "yearly (free slug)."
        ),
    ] = ""
    last_on: Annotated[Day | None, Field(description="Day of the last review.")] = None
    next_on: Annotated[Day | None, Field(description="Day on which the next is due.")] = None


class Outcome(Shape):
    """What the journey is to lead to: the event that counts as success."""

    event: Annotated[ShortText, Field(description="In words: 'the first month is paid'.")] = ""
    kind: Annotated[
        OptionalSlug,
        Field(description="sale, trial, sign-up, renewal, appointment, application … (free slug)."),
    ] = ""
    description: Annotated[Text, Field(description="When exactly it counts, and what does not.")] = ""


class Document(Shape):
    """A journey map: the story of an actor who reaches a goal, as stages and touchpoints."""

    format: Annotated[
        int,
        Field(
            ge=1,
            description="The lowest format that has all members used here; absent = 1. Formats only grow.",
            # A closed set on purpose: a client generated when there was only format 1 stops at a document of
            # format 2 instead of dropping what it does not know and sending back the rest.
            json_schema_extra={"enum": list(range(1, FORMAT + 1))},
        ),
    ] = 1
    name: Name = Field(description="What the map is called: 1 to 200 characters.")
    description: Annotated[LongText, Field(description="In prose, at most 10000 characters.")] = ""
    language: Annotated[
        Language,
        Field(description="BCP 47 tag of the texts (`en`, `ar`, `pt-BR`); tells the direction."),
    ] = ""
    actor_kind: Annotated[
        Slug,
        Field(
            description="The kind of actor: customer, user, buyer, employee, citizen, patient, client … "
            "(free slug)."
        ),
    ] = "customer"
    actor_label: Annotated[ShortText, Field(description="The word for the actor: 'carer', 'tenant'.")] = ""
    state: Annotated[
        Literal["current", "future"], Field(description="The journey as it is, or as it shall be.")
    ] = "current"
    scenario: Annotated[Text, Field(description="The situation in which the story starts.")] = ""
    customer_goal: Annotated[Text, Field(description="What the actor wants to reach.")] = ""
    organisation_objective: Annotated[Text, Field(description="What the organisation wants from it.")] = ""
    marketing_objective: Annotated[Text, Field(description="What marketing wants from it, if apart.")] = ""
    time_window: Annotated[TimeWindow, Field(description="The period that the map covers.")] = TimeWindow()
    notice: Annotated[
        ShortText, Field(description="A short line drawn on the map's face: 'Synthetic figures'.")
    ] = ""
    personas: Annotated[
        tuple[PersonaEntry, ...],
        Field(strict=False, max_length=PERSONAS_MAX, description="Whose journey it is; the first is drawn."),
    ] = ()
    stage_vocabulary: Annotated[
        OptionalSlug,
        Field(description="The vocabulary that the stages follow: classic-5, aida, flywheel … (free slug)."),
    ] = ""
    cyclic: Annotated[bool, Field(description="True where the last stage leads to the first again.")] = False
    parent_touchpoint: Annotated[
        ElementId | None,
        Field(description="The touchpoint of a strategic map that this tactical map shows in detail."),
    ] = None
    lanes: Annotated[
        tuple[CustomLane, ...],
        Field(strict=False, max_length=LANES_MAX, description="Rows beyond the shipped ones."),
    ] = ()
    review: Annotated[Review, Field(description="Owner and rhythm of review.")] = Review()
    outcome: Annotated[
        Outcome, Since(2), Field(description="The conversion that the journey is to lead to.")
    ] = Outcome()
    clusters: Annotated[
        tuple[Cluster, ...],
        Since(2),
        Field(
            strict=False,
            max_length=CLUSTERS_MAX,
            description="Affinity diagram: notes in clusters, which entries may name as their ground.",
        ),
    ] = ()
    wording: Annotated[
        tuple[VocabularyEntry, ...],
        Since(WORDING_FORMAT),
        Field(
            strict=False,
            max_length=VOCABULARIES_MAX,
            description="How the workspace's own words read that are used here. Written at publish, where "
            "the workspace's words go before those that a draft brings along.",
        ),
    ] = ()
    attributes: Annotated[
        Attributes, Field(description="The client's own labels: at most 50 pairs of strings.")
    ] = {}
    stages: Annotated[
        tuple[Stage, ...],
        Field(strict=False, max_length=STAGES_MAX, description="Stages, in the order drawn."),
    ] = ()
    transitions: Annotated[
        tuple[Transition, ...],
        Field(
            strict=False,
            max_length=TRANSITIONS_MAX,
            description="Ways between touchpoints, where the order drawn does not tell all.",
        ),
    ] = ()

    def elements(self) -> Iterator[Element]:
        """Yield each stage followed by its touchpoints, in the order drawn."""
        for stage in self.stages:
            yield stage
            yield from stage.touchpoints

    def touchpoints(self) -> Iterator[Touchpoint]:
        """Yield the touchpoints of all stages, in the order drawn."""
        for stage in self.stages:
            yield from stage.touchpoints
