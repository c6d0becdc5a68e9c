"""A touchpoint of CJML → a touchpoint of the map."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from journeys.document.lanes import ITEMS_MAX
from journeys.document.words import NAME_MAX, TEXT_MAX
from journeys.formats.base import Notice
from journeys.formats.feelings import FIGURE_MAX, Felt, emotion
from journeys.formats.lane_words import channel_of, slug_of
from journeys.formats.texts import name_and_rest, one_line, pieces
from journeys.formats.wording import slug

from .actors import Actors, actor_at
from .tree import Node

KINDS = {
    "actualcommunicationpoint": "",
    "plannedcommunicationpoint": "",
    "communicationpoint": "",
    "actualaction": "action",
    "plannedaction": "action",
    "action": "action",
}
"""Kinds of touchpoints by the name of their element, in lower case."""

TIMES = ("timeOriginated", "timeReceived", "timeConsumed", "timeStarted", "timeCompleted")
NOTED = ("compliance", "plannedReference")
"""Kept as attributes under their own names, as are times."""
INITIATOR = "initiator"
"""The attribute that names the provider who begins, where it is not the end user."""

_KNOWN = frozenset(
    name.lower()
    for name in (
        *(
            "touchpointID",
            "initiator",
            "receiver",
            "channel",
            "belongsTo",
            "timestamps",
            "touchpointExperience",
        ),
        *("category", "comment", *NOTED),
    )
)


@dataclass
class Reading:
    """What touchpoints are read with. scale: of ratings, "" where there are none."""

    actors: Actors
    scale: str
    notices: list[Notice]
    keys: set[str] = field(default_factory=set)


def read_touchpoint(node: Node, reading: Reading) -> dict[str, Any]:
    """Return the raw touchpoint."""
    first = actor_at(node.first("initiator"), reading.actors, reading.notices)
    second = actor_at(node.first("receiver"), reading.actors, reading.notices)
    name, description = _name(node, first, reading.actors)
    raw: dict[str, Any] = {"name": name}
    if description:
        raw["description"] = description
        if len(description) > TEXT_MAX:
            raw["description"] = description[:TEXT_MAX]
            _tell(reading, node, "too_long", f"A description has at most {TEXT_MAX} characters; cut.")
    _key(node, raw, reading)
    kind = slug_of(node.text_at("category")) or KINDS[node.name.lower()]
    if kind:
        raw["kind"] = kind
    channels = [channel_of(c.text_at("channelName") or c.text) for c in node.all("channel")]
    if channels := list(dict.fromkeys(filter(None, channels))):
        raw["channels"] = channels[:30]
    _parties(raw, first, second, reading.actors)
    _attributes(node, raw, first, reading)
    _experience(node, raw, first or second, second, reading)
    for child in node.children:
        if child.name.lower() not in _KNOWN:
            _tell(reading, child, "unknown_element", f"<{child.name[:60]}> is not known and was left out.")
    return raw


def _name(node: Node, first: str, actors: Actors) -> tuple[str, str]:
    """Return the name in the end user's words, and what else is said of the touchpoint."""
    said = [node.text_at("initiator", "initiatorLabel"), node.text_at("receiver", "receiverLabel")]
    if first not in actors.users and said[1]:
        said.reverse()
    told = [text for text in said if text]
    name, rest = name_and_rest(told[0] if told else node.text_at("touchpointID") or "Unnamed touchpoint")
    other = [text for text in told[1:] if text != told[0]]
    return name, "\n".join(filter(None, (rest, *other, node.text_at("comment"))))


def _key(node: Node, raw: dict[str, Any], reading: Reading) -> None:
    key = slug(node.text_at("touchpointID"))
    if key and key not in reading.keys:
        raw["key"] = key
        reading.keys.add(key)
    elif key:
        detail = f"The touchpointID {key!r} is there twice; the second has no key."
        reading.notices.append(Notice(f"line {node.line}", "note", "duplicate_key", detail))


def _parties(raw: dict[str, Any], first: str, second: str, actors: Actors) -> None:
    providers = [actors.providers[ref] for ref in (first, second) if ref in actors.providers]
    if providers:
        raw["owner"] = providers[-1]
    if providers and not any(ref in actors.users for ref in (first, second)):
        raw["visibility"] = "back"


def _attributes(node: Node, raw: dict[str, Any], first: str, reading: Reading) -> None:
    said = {name: node.text_at("timestamps", name) for name in TIMES}
    said |= {name: node.text_at(name) for name in NOTED}
    if first in reading.actors.providers and raw.get("visibility") != "back":
        said[INITIATOR] = reading.actors.providers[first]
    kept = {name: text[:500] for name, text in said.items() if text}
    if kept:
        raw["attributes"] = kept


def _experience(node: Node, raw: dict[str, Any], first: str, second: str, reading: Reading) -> None:
    """Take ratings as emotions and their descriptions as labels; a description alone is a thought."""
    persona = reading.actors.users.get(first) or reading.actors.users.get(second)
    for felt in node.all("touchpointExperience"):
        said, rating = felt.text_at("experienceDescription"), felt.text_at("experienceRating")
        label = one_line(said) if len(one_line(said)) <= NAME_MAX and "\n" not in said else ""
        found = emotion(Felt(figure=rating_of(rating), label=label), reading.scale) if rating else None
        if found is not None:
            found |= {"persona": persona} if persona and len(reading.actors.personas) > 1 else {}
            raw.setdefault("emotions", []).append(found)
        elif rating:
            detail = f"The rating {rating[:60]!r} does not stand on the scale {reading.scale or '(none)'}."
            _tell(reading, felt, "off_scale", detail)
        if said and (found is None or not label):
            thoughts = raw.setdefault("thoughts", [])
            thoughts += [{"text": piece} for piece in pieces(said)][: ITEMS_MAX - len(thoughts)]


def rating_of(text: str) -> float | None:
    """Return the figure of a rating, None where there is none that could be kept."""
    try:
        figure = float(text)
    except ValueError:
        return None
    return figure if abs(figure) <= FIGURE_MAX else None


def _tell(reading: Reading, node: Node, code: str, detail: str) -> None:
    reading.notices.append(Notice(f"line {node.line}", "lossy", code, detail))
