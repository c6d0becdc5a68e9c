"""Elements of a map: touchpoints in stages, and the ways from one touchpoint to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, Field

from .base import Shape
from .lanes import ITEMS_MAX, Emotion, Item, Link, Opportunity
from .words import (
    Attributes,
    Day,
    ElementId,
    Key,
    Name,
    OptionalSlug,
    Ref,
    Seconds,
    Share,
    ShortText,
    Slug,
    Text,
)

TOUCHPOINTS_MAX = 200
CHANNELS_MAX = 30
EMOTIONS_MAX = 50
CONTINUES_MAX = 20
LANES_MAX = 20

LANES = ("actions", "thoughts", "pains", "gains", "needs", "opportunities", "quotes", "links")
"""The shipped lanes of items, in the order drawn; emotions are a lane of their own."""

T = TypeVar("T")
Entry = Item | Link | Emotion
Many = Annotated[tuple[T, ...], Field(strict=False, max_length=ITEMS_MAX)]

_ID_TEXT = "Stays the same over versions, wherever it moves; minted by the service when absent."
_KEY_TEXT = "Name for machines, unique among the map's elements; accepted wherever the id is."
_ATTRIBUTES_TEXT = "The client's own labels: at most 50 pairs of strings."


def _no_empty_lane(lanes: dict[str, tuple[Item, ...]]) -> dict[str, tuple[Item, ...]]:
    # A lane without items says nothing, and equal documents must have equal bytes.
    return {lane: items for lane, items in lanes.items() if items}


class TimeWindow(Shape):
    """A stretch of the calendar, half-open: from `start` up to, not including, `end`."""

    start: Annotated[Day | None, Field(description="First day.")] = None
    end: Annotated[Day | None, Field(description="The day after the last; later than `start`.")] = None
    label: Annotated[ShortText, Field(description="In words: 'the first thirty days'.")] = ""


class Element(Shape):
    """What stages and touchpoints share: identity, and what they may say of themselves."""

    id: Annotated[ElementId | None, Field(description=_ID_TEXT)] = None
    key: Annotated[Key, Field(description=_KEY_TEXT)] = ""
    name: Name = Field(description="What it is called, in the actor's language: 1 to 200 characters.")
    description: Annotated[Text, Field(description="In prose, at most 2000 characters.")] = ""
    time_window: Annotated[TimeWindow, Field(description="When it happens.")] = TimeWindow()
    duration_s: Annotated[Seconds | None, Field(description="How long it usually takes, in seconds.")] = None
    attributes: Annotated[Attributes, Field(description=_ATTRIBUTES_TEXT)] = {}
    continues: Annotated[
        tuple[ElementId, ...],
        Field(
            strict=False,
            max_length=CONTINUES_MAX,
            description="Ids of earlier elements that this one renames, splits or merges; their KPIs are "
            "carried over to it at publish.",
        ),
    ] = ()


class Touchpoint(Element):
    """A moment at which the actor does something or meets the organisation."""

    kind: Annotated[
        OptionalSlug,
        Field(
            description="communication, action, decision, waiting, social-media, advertising, website, "
            "support … (free slug)."
        ),
    ] = ""
    channels: Annotated[
        tuple[Slug, ...],
        Field(
            strict=False,
            max_length=CHANNELS_MAX,
            description="Means of interaction, each a slug of the channel vocabulary (`web`, `email` …) "
            "or one's own; none is legal.",
        ),
    ] = ()
    visibility: Annotated[
        Literal["front", "back"],
        Field(description="front: the actor sees it; back: it happens behind the scenes."),
    ] = "front"
    owner: Annotated[ShortText, Field(description="The team or person who answers for it.")] = ""
    importance: Annotated[
        Share | None, Field(description="How much it matters to the actor: 0 not at all, 1 most.")
    ] = None
    moment_of_truth: Annotated[
        bool, Field(description="True where the actor decides whether to stay or to leave.")
    ] = False
    expectation: Annotated[
        Share | None, Field(description="How good the actor expects it to be: 0 worst, 1 best.")
    ] = None
    perception: Annotated[
        Share | None,
        Field(description="How good the actor finds it: 0 worst, 1 best. Below `expectation` it is a gap."),
    ] = None
    performance_standard: Annotated[
        Text, Field(description="What the organisation promises here: 'answered within 20 s'.")
    ] = ""
    actions: Annotated[Many[Item], Field(description="What the actor does.")] = ()
    thoughts: Annotated[Many[Item], Field(description="What the actor thinks.")] = ()
    pains: Annotated[Many[Item], Field(description="What hurts.")] = ()
    gains: Annotated[Many[Item], Field(description="What delights.")] = ()
    needs: Annotated[Many[Item], Field(description="What the actor requires here.")] = ()
    opportunities: Annotated[Many[Opportunity], Field(description="What could be made better.")] = ()
    quotes: Annotated[Many[Item], Field(description="What actors said, word for word.")] = ()
    links: Annotated[Many[Link], Field(description="Documents, pictures, tickets, pages.")] = ()
    lane_items: Annotated[
        dict[Slug, Many[Item]],
        AfterValidator(_no_empty_lane),
        Field(
            max_length=LANES_MAX,
            description="Items in the map's custom lanes, by the lane's key as declared in `lanes`.",
        ),
    ] = {}
    emotions: Annotated[
        tuple[Emotion, ...],
        Field(strict=False, max_length=EMOTIONS_MAX, description="How it feels, per persona or for all."),
    ] = ()

    def lanes(self) -> Iterator[tuple[tuple[str, ...], tuple[Entry, ...]]]:
        """Yield each lane that holds something: (path of member names, entries). Emotions come last."""
        for lane in LANES:
            if entries := getattr(self, lane):
                yield (lane,), entries
        for lane, items in self.lane_items.items():
            yield ("lane_items", lane), items
        if self.emotions:
            yield ("emotions",), self.emotions

    def with_entries(self, change: Callable[[Entry], Entry]) -> Touchpoint:
        """Return the touchpoint with every entry of every lane replaced by `change(entry)`.

        `change` keeps the kind of an entry. Where it returns the same objects, so does this.
        """
        update: dict[str, Any] = {}
        for path, entries in self.lanes():
            changed = tuple(map(change, entries))
            if all(new is old for new, old in zip(changed, entries, strict=True)):
                continue
            if path[0] == "lane_items":
                update.setdefault("lane_items", dict(self.lane_items))[path[1]] = changed
            else:
                update[path[0]] = changed
        return self.model_copy(update=update) if update else self


class Stage(Element):
    """An ordered phase of the journey, with one goal of the actor."""

    customer_goal: Annotated[Text, Field(description="What the actor wants to reach in this stage.")] = ""
    funnel_position: Annotated[
        Literal["tofu", "mofu", "bofu"] | None, Field(description="Top, middle or bottom of the funnel.")
    ] = None
    sale_phase: Annotated[
        Literal["pre", "during", "post"] | None, Field(description="Before, during or after the sale.")
    ] = None
    touchpoints: Annotated[
        tuple[Touchpoint, ...],
        Field(strict=False, max_length=TOUCHPOINTS_MAX, description="Touchpoints, in the order drawn."),
    ] = ()


class Transition(Shape):
    """A way from one touchpoint to another (or back to itself): journeys are not linear."""

    source: Ref = Field(alias="from", description="Id or key of the touchpoint that is left.")
    target: Ref = Field(alias="to", description="Id or key of the touchpoint that is reached.")
    likelihood: Annotated[
        Share | None,
        Field(description="Share of actors who go this way; the ways out of a touchpoint give at most 1."),
    ] = None
    label: Annotated[ShortText, Field(description="A word at the arrow: 'gives up'.")] = ""
