"""A document → CJML 2.0: a current map as an actual journey, a future one as a planned journey."""

from __future__ import annotations

from collections.abc import Iterator

from journeys.document.elements import Touchpoint
from journeys.document.emotion import normalise
from journeys.document.lanes import Emotion
from journeys.document.pointers import pointer
from journeys.document.shape import Document
from journeys.formats.base import Notice, Written
from journeys.formats.lane_words import channel_text
from journeys.formats.texts import clean, one_line
from journeys.formats.unsaid import lost, unsaid, unsaid_in_entries, unsaid_in_personas
from journeys.render.element import Markup, el

from .touchpoints import INITIATOR, NOTED, TIMES

VERSION = "2.0"
_ROOT = frozenset({"id", "name", "description", "state", "personas", "attributes"})
_STAGE = frozenset({"id", "name"})
_TOUCHPOINT = frozenset(
    {"id", "key", "name", "description", "kind", "channels", "visibility", "owner", "attributes", "emotions"}
)
_IDS = ("journeyID", "plannedReference")
_ACTION = "action"


def write_cjml(document: Document) -> Written:
    """Write XML 1.0, UTF-8."""
    losses: list[Notice] = []
    planned = document.state == "future"
    owners = list(dict.fromkeys(one_line(t.owner) for t in document.touchpoints() if one_line(t.owner)))
    providers = {name: f"P{nth}" for nth, name in enumerate(owners, start=1)}
    users = {str(p.id): f"U{nth}" for nth, p in enumerate(document.personas, start=1) if p.name}
    journey = el(
        "plannedJourney" if planned else "actualJourney",
        None,
        el("journeyID", None, document.attributes.get("journeyID") or None),
        el("journeyTitle", None, document.name),
        _if("comment", document.description),
        _if("plannedReference", document.attributes.get("plannedReference", "")),
        _actors(document, users, providers),
        _phases(document),
        el("touchpoints", None, *_touchpoints(document, planned, users, providers, losses)),
    )
    losses += _losses(document)
    xml = f'<?xml version="1.0" encoding="UTF-8"?>\n{el("CJML", {"version": VERSION}, journey)}\n'
    return Written(xml.encode(), tuple(losses))


def _if(name: str, text: str) -> Markup | None:
    return el(name, None, text) if text else None


def _actors(document: Document, users: dict[str, str], providers: dict[str, str]) -> Markup:
    found = [
        el("endUser", {"actorID": users[str(p.id)]}, el("actorName", None, p.name))
        for p in document.personas
        if str(p.id) in users
    ]
    if not found:
        who = document.actor_label or document.actor_kind
        found = [el("endUser", {"actorID": "U1"}, el("actorName", None, who))]
    found += [
        el("serviceProvider", {"actorID": ref}, el("companyName", None, name))
        for name, ref in providers.items()
    ]
    return el("actors", None, *found)


def _phases(document: Document) -> Markup:
    return el(
        "journeyPhases",
        None,
        *(
            el("journeyPhase", {"phaseID": f"S{nth}"}, el("phaseName", None, stage.name))
            for nth, stage in enumerate(document.stages, start=1)
        ),
    )


def _touchpoints(
    document: Document,
    planned: bool,
    users: dict[str, str],
    providers: dict[str, str],
    losses: list[Notice],
) -> Iterator[Markup]:
    number = 0
    for s, stage in enumerate(document.stages):
        for t, touchpoint in enumerate(stage.touchpoints):
            number += 1
            where = pointer("stages", s, "touchpoints", t)
            emotion = _told(touchpoint, planned, where, losses)
            user = users.get(emotion.persona if emotion else "") or next(iter(users.values()), "U1")
            is_action = touchpoint.kind == _ACTION
            yield el(
                ("planned" if planned else "actual") + ("Action" if is_action else "CommunicationPoint"),
                None,
                el("touchpointID", None, touchpoint.key or f"T{number}"),
                *_parties(touchpoint, user, providers.get(one_line(touchpoint.owner), "")),
                *(
                    el("channel", None, el("channelName", None, channel_text(key)[0]))
                    for key in touchpoint.channels
                ),
                el("belongsTo", {"phaseIDref": f"S{s + 1}"}),
                *_attributes(touchpoint, where, losses),
                _experience(emotion, f"{where}/emotions", losses) if emotion else None,
                None if is_action else _if("category", touchpoint.kind),
                _if("comment", touchpoint.description),
            )


def _parties(touchpoint: Touchpoint, user: str, provider: str) -> Iterator[Markup]:
    """Yield initiator and receiver; the name of the touchpoint is the label of the initiator."""
    behind = touchpoint.visibility == "back" and bool(provider)
    begins = behind or (bool(provider) and touchpoint.attributes.get(INITIATOR) == one_line(touchpoint.owner))
    first, second = (provider, "" if behind else user) if begins else (user, provider)
    label = None if begins and second else el("initiatorLabel", None, touchpoint.name)
    yield el("initiator", None, el("refersTo", {"actorIDref": first}), label)
    if second:
        theirs = el("receiverLabel", None, touchpoint.name) if begins else None
        yield el("receiver", None, el("refersTo", {"actorIDref": second}), theirs)


def _attributes(touchpoint: Touchpoint, where: str, losses: list[Notice]) -> Iterator[Markup]:
    said = {name: text for name, text in touchpoint.attributes.items() if text}
    times = [el(name, None, said[name]) for name in TIMES if name in said]
    if times:
        yield el("timestamps", None, *times)
    yield from (el(name, None, said[name]) for name in NOTED if name in said)
    known = {*TIMES, *NOTED, INITIATOR}
    losses += [
        lost(where + pointer("attributes", name), "not_said", "This attribute has no place there.")
        for name in touchpoint.attributes
        if name not in known
    ]


def _told(touchpoint: Touchpoint, planned: bool, where: str, losses: list[Notice]) -> Emotion | None:
    """Return the one emotion that is written: the first that has a figure; planned journeys have none."""
    found = None
    for index, emotion in enumerate(touchpoint.emotions):
        signed = normalise(emotion.value, emotion.scale, emotion.word).valence is not None
        if found is None and signed and not planned:
            found = emotion
            continue
        why = (
            "A planned journey has no experience."
            if planned
            else "One rated feeling of a touchpoint is kept."
        )
        losses.append(lost(where + pointer("emotions", index), "not_said", why))
    return found


def _experience(emotion: Emotion, where: str, losses: list[Notice]) -> Markup:
    """Return the experience, rated from 1 to 5."""
    value = emotion.value
    if emotion.scale != "mermaid" or value is None:
        valence = normalise(emotion.value, emotion.scale, emotion.word).valence or 0.0
        value = round(2 * valence + 3, 6)
        losses.append(lost(where, "restated", "Ratings there go from 1 to 5; the feeling is restated so."))
    return el(
        "touchpointExperience",
        None,
        _if("experienceDescription", emotion.label),
        el("experienceRating", None, repr(value).removesuffix(".0")),
    )


def _losses(document: Document) -> Iterator[Notice]:
    yield from unsaid(document, root=_ROOT, stage=_STAGE, touchpoint=_TOUCHPOINT)
    yield from unsaid_in_personas(document, {"id", "name"})
    for loss in unsaid_in_entries(document, {"id", "value", "scale", "word", "label", "persona"}):
        if "/emotions/" in loss.place:
            yield loss
    for name in document.attributes:
        if name not in _IDS:
            yield lost(pointer("attributes", name), "not_said", "This attribute has no place there.")
    for s, stage in enumerate(document.stages):
        for t, touchpoint in enumerate(stage.touchpoints):
            for c, channel in enumerate(touchpoint.channels):
                if not channel_text(channel)[1]:
                    where = pointer("stages", s, "touchpoints", t, "channels", c)
                    yield lost(where, "channel", f"{channel!r} reads as another word.")
    for where, text in _texts(document):
        if text != clean(text):
            yield lost(where, "white_space", "White space at the ends and control characters are not kept.")


def _texts(document: Document) -> Iterator[tuple[str, str]]:
    yield "/name", document.name
    for s, stage in enumerate(document.stages):
        where = pointer("stages", s)
        yield f"{where}/name", stage.name
        for t, touchpoint in enumerate(stage.touchpoints):
            inner = where + pointer("touchpoints", t)
            yield f"{inner}/name", touchpoint.name
            yield f"{inner}/description", touchpoint.description
