"""The story told stage by stage, as Markdown for people: who, what for, and what happens to them."""

from __future__ import annotations

from collections.abc import Iterator

from journeys.document.elements import Stage, Touchpoint, Transition
from journeys.document.emotion import feeling, valence
from journeys.document.lanes import Emotion, Item, Opportunity
from journeys.document.personas import PersonaEntry
from journeys.document.shape import Document
from journeys.formats.base import Notice, Written
from journeys.formats.unsaid import unsaid, unsaid_in_entries, unsaid_in_personas
from journeys.render import words
from journeys.render.wording import wording_of

from .phrases import fact, grounds, linked, listed, prose, sentence, text_of, times, window_of

_LANES = {
    "actions": "What happens",
    "thoughts": "What they think",
    "needs": "What they need",
    "pains": "What hurts",
    "gains": "What delights",
    "quotes": "In their words",
    "opportunities": "What could be better",
}
_ROOT = {
    *(
        "name",
        "description",
        "actor_kind",
        "actor_label",
        "state",
        "scenario",
        "customer_goal",
        "notice",
        "lanes",
    ),
    *("organisation_objective", "marketing_objective", "time_window", "review", "personas", "transitions"),
    *("cyclic", "outcome", "wording", "language"),
}
_ELEMENT = {"id", "key", "name", "description", "time_window", "duration_s"}
_STAGE = _ELEMENT | {"customer_goal", "funnel_position", "sale_phase"}
_TOUCHPOINT = _ELEMENT | {
    *(
        "kind",
        "channels",
        "visibility",
        "owner",
        "importance",
        "moment_of_truth",
        "expectation",
        "perception",
    ),
    *("performance_standard", "links", "lane_items", "emotions"),
    *_LANES,
}
_ENTRY = {
    *("id", "text", "href", "evidence", "source", "date", "persona", "impact", "effort"),
    *("scale", "value", "word", "intensity", "label"),
}
_PERSONA = {
    *("id", "key", "name", "archetype", "description", "goals", "needs", "frustrations", "empathy", "quote")
}
_FUNNEL = {"tofu": "top of the funnel", "mofu": "middle of the funnel", "bofu": "bottom of the funnel"}
_PHASE = {"pre": "before the sale", "during": "during the sale", "post": "after the sale"}


def write_narrative(document: Document) -> Written:
    """Write the story. Losses name what it leaves out."""
    story = _Story(document)
    text = "\n\n".join(block for block in story.blocks() if block)
    losses: tuple[Notice, ...] = (
        *unsaid(document, root=_ROOT, stage=_STAGE, touchpoint=_TOUCHPOINT),
        *unsaid_in_entries(document, _ENTRY),
        *unsaid_in_personas(document, _PERSONA),
    )
    return Written((text + "\n").encode(), losses)


class _Story:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.people = {str(persona.id): persona.name for persona in document.personas}
        self.names = {str(touchpoint.id): touchpoint.name for touchpoint in document.touchpoints()}
        self.lanes = {lane.key: lane.label for lane in document.lanes}
        self.wording = wording_of(document, document.language)
        self.ways: dict[str, list[Transition]] = {}
        for way in document.transitions:
            self.ways.setdefault(way.source, []).append(way)

    def blocks(self) -> Iterator[str]:
        document = self.document
        yield f"# {text_of(document.name)}"
        yield f"*{text_of(document.notice)}*" if document.notice else ""
        yield prose(document.description)
        yield self.opening()
        if document.personas:
            yield "## Who"
        for persona in document.personas:
            yield from self.persona(persona)
        for number, stage in enumerate(document.stages, 1):
            yield from self.stage(number, stage)
        if document.cyclic and document.stages:
            yield f"Then it begins again with *{text_of(document.stages[0].name)}*."
        yield self.closing()

    def opening(self) -> str:
        document = self.document
        actor = document.actor_label or self.wording.actor_kind(document.actor_kind).lower()
        state = "as it shall be" if document.state == "future" else "as it is"
        facts = [
            ("Situation", document.scenario),
            ("Goal", document.customer_goal),
            ("Outcome", document.outcome.event),
            ("When it counts", document.outcome.description),
            ("What the organisation wants", document.organisation_objective),
            ("What marketing wants", document.marketing_objective),
            ("Time", window_of(document)),
        ]
        said = [fact(name, text) for name, text in facts if text]
        return "\n\n".join(
            [f"The journey of a {text_of(actor)}, {state}.", *(["\n".join(said)] if said else [])]
        )

    def persona(self, persona: PersonaEntry) -> Iterator[str]:
        yield f"### {text_of(persona.name or 'Somebody')}"
        yield text_of(persona.archetype)
        yield prose(persona.description)
        yield f"> {text_of(persona.quote)}" if persona.quote else ""
        empathy = persona.empathy
        lists = (
            ("Wants", persona.goals),
            ("Needs", persona.needs),
            ("What stands in the way", persona.frustrations),
            ("Says", empathy.says),
            ("Thinks", empathy.thinks),
            ("Does", empathy.does),
            ("Feels", empathy.feels),
        )
        for title, lines in lists:
            yield listed(title, [text_of(line) for line in lines])

    def stage(self, number: int, stage: Stage) -> Iterator[str]:
        yield f"## {number}. {text_of(stage.name)}"
        facts = [_FUNNEL.get(stage.funnel_position or ""), _PHASE.get(stage.sale_phase or ""), *times(stage)]
        yield sentence(facts)
        yield fact("Goal", stage.customer_goal) if stage.customer_goal else ""
        yield prose(stage.description)
        for touchpoint in stage.touchpoints:
            yield from self.touchpoint(touchpoint)

    def touchpoint(self, touchpoint: Touchpoint) -> Iterator[str]:
        yield f"### {text_of(touchpoint.name)}"
        yield sentence(self.facts(touchpoint))
        yield prose(touchpoint.description)
        yield self.feelings(touchpoint)
        for lane, title in _LANES.items():
            yield listed(title, [self.item(item) for item in getattr(touchpoint, lane)])
        for lane, items in touchpoint.lane_items.items():
            yield listed(text_of(self.lanes.get(lane, lane)), [self.item(item) for item in items])
        yield listed("See also", [linked(link) for link in touchpoint.links])
        yield listed("From here", [self.way(way) for way in self.ways.get(str(touchpoint.id), ())])

    def facts(self, touchpoint: Touchpoint) -> Iterator[str]:
        if touchpoint.channels:
            yield "by " + ", ".join(
                text_of(words.channel(slug, self.wording.channels)) for slug in touchpoint.channels
            )
        if touchpoint.kind:
            yield text_of(self.wording.touchpoint_kind(touchpoint.kind).lower())
        if touchpoint.visibility == "back":
            yield "behind the scenes"
        if touchpoint.moment_of_truth:
            yield "**a moment of truth**"
        if touchpoint.owner:
            yield f"owned by {text_of(touchpoint.owner)}"
        for name in ("importance", "expectation", "perception"):
            value = getattr(touchpoint, name)
            if value is not None:
                yield f"{name} {words.share(value)}"
        if touchpoint.performance_standard:
            yield f"promised: {text_of(touchpoint.performance_standard)}"
        yield from times(touchpoint)

    def feelings(self, touchpoint: Touchpoint) -> str:
        if not touchpoint.emotions:
            return ""
        overall = feeling(touchpoint)
        mean = f" {words.feeling(overall)} of −1 to +1" if overall is not None else ""
        told = [self.felt(emotion) for emotion in touchpoint.emotions]
        return listed(f"How it feels{':' if mean else ''}{mean}", told)

    def felt(self, emotion: Emotion) -> str:
        said = emotion.label or words.plain(emotion.word).lower()
        if emotion.value is not None:
            said = f"{said} ({emotion.value:g} on {emotion.scale})".strip()
        signed = valence(emotion)
        if signed is not None and emotion.scale != "sentiment":
            said += f", {words.feeling(signed)}"
        if emotion.intensity is not None:
            said += f", intensity {words.share(emotion.intensity)}"
        return self.whose(emotion.persona, text_of(said.lstrip(", ")) or "something", grounds(emotion))

    def item(self, item: Item) -> str:
        told = text_of(item.text)
        if isinstance(item, Opportunity):
            weights = (("impact", item.impact), ("effort", item.effort))
            weighed = [f"{name} {words.share(value)}" for name, value in weights if value is not None]
            told += f" ({', '.join(weighed)})" if weighed else ""
        return self.whose(item.persona, told, grounds(item))

    def whose(self, persona: str, told: str, grounds: str) -> str:
        who = self.people.get(persona, "")
        return f"{text_of(who)}: {told}{grounds}" if who else f"{told}{grounds}"

    def way(self, way: Transition) -> str:
        share = f"{words.share(way.likelihood)} " if way.likelihood is not None else ""
        label = f" ({text_of(way.label)})" if way.label else ""
        return f"{share}→ {text_of(self.names.get(way.target, way.target))}{label}"

    def closing(self) -> str:
        review = self.document.review
        told = [
            f"Kept by {text_of(review.owner)}" if review.owner else "",
            f"looked at {text_of(review.cadence)}" if review.cadence else "",
            f"last on {words.day(review.last_on)}" if review.last_on else "",
            f"next on {words.day(review.next_on)}" if review.next_on else "",
        ]
        said = ", ".join(part for part in told if part)
        return f"---\n\n*{said[:1].upper()}{said[1:]}.*" if said else ""
