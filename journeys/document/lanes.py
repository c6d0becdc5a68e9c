"""What stands in the lanes of a touchpoint: items, and how somebody feels there."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .base import Shape, Since
from .words import (
    Balance,
    Day,
    ElementId,
    Href,
    Line,
    Number,
    OptionalHref,
    OptionalRef,
    OptionalSlug,
    Share,
    ShortText,
    Slug,
    Text,
)

ITEMS_MAX = 100
ADDRESSES_MAX = 20
EVIDENCE = ("assumed", "observed", "self_reported", "measured")
_EVIDENCE_TEXT = (
    "What the statement rests on: assumed (nobody checked), observed (seen by a researcher), self_reported "
    "(said by the actor), measured (counted). More words may be added."
)
_PERSONA_TEXT = "The persona whose it is: id or key of an entry of `personas`; absent = of all of them."


class Statement(Shape):
    """Who says so, and on what grounds."""

    evidence: Slug = Field(
        default="assumed",
        description=_EVIDENCE_TEXT,
        examples=list(EVIDENCE),
    )
    source: Annotated[Text, Field(description="Where it comes from: a study, a survey, an address.")] = ""
    date: Annotated[Day | None, Field(description="The day on which it was found out.")] = None
    persona: Annotated[OptionalRef, Field(description=_PERSONA_TEXT)] = ""
    cluster: Annotated[
        OptionalSlug,
        Since(2),
        Field(description="Key of the entry of `clusters` whose notes it was drawn from."),
    ] = ""


class Item(Statement):
    """One entry of a lane: an action, a thought, a pain, a gain, a need, a quote …"""

    id: Annotated[
        ElementId | None,
        Field(description="Stays the same over versions; minted by the service when absent."),
    ] = None
    text: Line = Field(description="The statement itself, 1 to 2000 characters, in the actor's words.")


class Opportunity(Item):
    """An entry of the opportunities lane, with its weight."""

    impact: Annotated[
        Share | None, Field(description="Expected good for actor and organisation: 0 none, 1 greatest.")
    ] = None
    effort: Annotated[Share | None, Field(description="Expected work: 0 none, 1 greatest.")] = None
    status: Annotated[
        OptionalSlug,
        Since(2),
        Field(description="How far it has come: idea, planned, in-progress, done, dropped … (free slug)."),
    ] = ""
    ticket: Annotated[
        OptionalHref,
        Since(2),
        Field(description="Where the work on it is tracked: absolute http, https or mailto address."),
    ] = ""
    addresses: Annotated[
        tuple[ElementId, ...],
        Since(2),
        Field(
            strict=False,
            max_length=ADDRESSES_MAX,
            description="Ids of the entries (pains, needs …) of the same touchpoint that it would settle.",
        ),
    ] = ()


class Link(Shape):
    """A document, picture, ticket or page that belongs to a touchpoint."""

    id: Annotated[
        ElementId | None,
        Field(description="Stays the same over versions; minted by the service when absent."),
    ] = None
    text: Annotated[ShortText, Field(description="What the reader sees; absent = the address.")] = ""
    href: Href = Field(description="Absolute http, https or mailto address.")
    kind: Annotated[
        OptionalSlug,
        Field(description="What it leads to: document, image, video, ticket, page … (free slug)."),
    ] = ""


class Emotion(Statement):
    """How a persona feels at a touchpoint, as it was recorded: raw value and the scale it stands on.

    `emotion.normalise` turns it into −1 (worst) … +1 (best). Intensity is a thing apart: strong is not good.
    """

    id: Annotated[
        ElementId | None,
        Field(description="Stays the same over versions; minted by the service when absent."),
    ] = None
    scale: Slug = Field(
        default="sentiment",
        description=(
            "Scale of `value` or `word`: sentiment (−1..1), smaply (−2..2), mermaid (1..5), lines-N (1..N, "
            "N from 2 to 100), five-words (very-negative … very-positive, or 1..5), dimensional (valence "
            "−1..1), named (a word alone, no sign), dramatic-arc (1..5, engagement, no sign). May grow."
        ),
        examples=["sentiment", "smaply", "mermaid", "lines-10", "five-words", "named", "dramatic-arc"],
    )
    value: Annotated[Number | None, Field(description="The raw figure on `scale`, not normalised.")] = None
    word: Annotated[
        OptionalSlug,
        Field(description="The raw word on a scale of words: very-negative …, joy, fear …"),
    ] = ""
    intensity: Annotated[
        Share | None, Field(description="How strongly it is felt, whatever its sign: 0 not at all, 1 utmost.")
    ] = None
    arousal: Annotated[
        Balance | None,
        Since(2),
        Field(description="On the scale dimensional: −1 calm to +1 excited."),
    ] = None
    dominance: Annotated[
        Balance | None,
        Since(2),
        Field(description="On the scale dimensional: −1 at somebody's mercy to +1 in control."),
    ] = None
    label: Annotated[ShortText, Field(description="A word or two to draw beside the curve.")] = ""
