"""The actors of a journey: end users are personas, service providers own touchpoints."""

from __future__ import annotations

from dataclasses import dataclass, field

from journeys.document.shape import PERSONAS_MAX
from journeys.formats.base import Notice
from journeys.formats.texts import name_and_rest, unused
from journeys.formats.wording import slug

from .tree import Node


@dataclass(slots=True)
class Actors:
    """personas: {key: name}. users: {actor id: key of a persona}. providers: {actor id: name}."""

    personas: dict[str, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    providers: dict[str, str] = field(default_factory=dict)


def actors_of(journey: Node, notices: list[Notice]) -> Actors:
    """Return the declared actors. Any element with an actorID is one; endUser is an end user."""
    actors = Actors()
    for holder in journey.all("actors"):
        for node in holder.children:
            ref = node.attributes.get("actorID", "")
            said = node.text_at("actorName") or node.text_at("companyName") or node.text or ref or node.name
            name = name_and_rest(said)[0]
            if node.name.lower() != "enduser":
                actors.providers[ref or name] = name
            elif len(actors.personas) == PERSONAS_MAX:
                detail = f"A map has at most {PERSONAS_MAX} personas; {name[:60]!r} is left out."
                notices.append(Notice(f"line {node.line}", "lossy", "too_many", detail))
            else:
                key = unused(slug(name) or "persona", actors.personas)
                actors.personas[key] = name
                actors.users[ref or name] = key
    return actors


def actor_at(node: Node | None, actors: Actors, notices: list[Notice]) -> str:
    """Return the id of the actor that an initiator or receiver refers to, "" for none.

    One that nobody declared is told of and taken for a service provider; the sample of cjml.no has one.
    """
    refers = node.first("refersTo") if node else None
    if refers is None:
        return ""
    ref = refers.attributes.get("actorIDref") or refers.text
    if ref and ref not in actors.users and ref not in actors.providers:
        detail = f"The actor {ref[:60]!r} is not declared; taken for a service provider of that name."
        notices.append(Notice(f"line {refers.line}", "note", "undeclared_actor", detail))
        actors.providers[ref] = name_and_rest(ref)[0]
    return ref
