"""Rules that span several members: uniqueness, references, order in time, scales.

They look at the raw document as it was sent, so that a client hears of these and of wrong types at once.
Whatever has the wrong type is passed over here; the shape reports it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from service.errors import Issue

from .emotion import OffScale, normalise
from .lanes import EVIDENCE
from .pointers import pointer
from .rules_references import addresses, clusters, wording
from .survey import Found, Survey, as_id, objects, strings, survey

TOUCHPOINTS_TOTAL = 2_000
_SUM_SLACK = 1e-9


def check(raw: Mapping[str, Any]) -> list[Issue]:
    """Return all breaches of the rules in a raw document, in no promised order."""
    seen = survey(raw)
    return [
        *_ids(seen),
        *_keys(seen),
        *_lanes(seen),
        *clusters(raw, seen),
        *wording(raw),
        *_persona_entries(seen),
        *_entries(seen),
        *_elements(seen),
        *_transitions(raw, seen),
        *_windows(raw, seen),
        *_parent(raw, seen),
        *_size(seen),
    ]


def _ids(seen: Survey) -> Iterator[Issue]:
    first: dict[str, str] = {}
    for found in (*seen.personas, *seen.elements, *seen.entries):
        name = as_id(found.raw.get("id"))
        if name is None:
            continue
        if name in first:
            detail = f"The id already stands at {first[name] or '/'}."
            yield Issue(f"{found.pointer}/id", "duplicate_id", detail)
        first.setdefault(name, found.pointer)


def _keys(seen: Survey) -> Iterator[Issue]:
    for group in ((*seen.stages, *seen.touchpoints), seen.personas, seen.lanes):
        first: dict[str, str] = {}
        for found in group:
            key = found.raw.get("key")
            if not isinstance(key, str) or not key:
                continue
            if key in first:
                detail = f"The key already stands at {first[key]}."
                yield Issue(f"{found.pointer}/key", "duplicate_key", detail)
            first.setdefault(key, found.pointer)


def _lanes(seen: Survey) -> Iterator[Issue]:
    declared = {lane.raw.get("key") for lane in seen.lanes if isinstance(lane.raw.get("key"), str)}
    for touchpoint in seen.touchpoints:
        lanes = touchpoint.raw.get("lane_items")
        for lane in lanes if isinstance(lanes, Mapping) else ():
            if lane not in declared:
                yield Issue(
                    touchpoint.pointer + pointer("lane_items", lane),
                    "unknown_lane",
                    "Declare this lane in /lanes first, with its key and label.",
                )


def _persona_entries(seen: Survey) -> Iterator[Issue]:
    for persona in seen.personas:
        said = {name for name, value in persona.raw.items() if value not in (None, "", [], {})}
        if "name" not in said and said != {"id"}:
            yield Issue(
                f"{persona.pointer}/name",
                "required",
                "A persona has a name; an id alone refers to the workspace's library.",
            )


def _entries(seen: Survey) -> Iterator[Issue]:
    for entry in seen.entries:
        persona = entry.raw.get("persona")
        if isinstance(persona, str) and persona and not seen.knows_persona(persona):
            detail = "There is no persona of this id or key in /personas."
            yield Issue(f"{entry.pointer}/persona", "unknown_reference", detail)
        evidence = entry.raw.get("evidence")
        if isinstance(evidence, str) and evidence not in EVIDENCE:
            yield Issue(f"{entry.pointer}/evidence", "not_allowed", f"Use one of {', '.join(EVIDENCE)}.")
    for emotion in seen.emotions:
        yield from _emotion(emotion)


def _emotion(emotion: Found) -> Iterator[Issue]:
    value, word = emotion.raw.get("value"), emotion.raw.get("word") or ""
    scale = emotion.raw.get("scale") or "sentiment"
    if not isinstance(scale, str) or not isinstance(word, str) or isinstance(value, bool):
        return
    if not isinstance(value, int | float | None):
        return
    if value is None and not word and emotion.raw.get("intensity") is None:
        yield Issue(emotion.pointer, "required", "An emotion has a value, a word or an intensity.")
    for name in ("arousal", "dominance"):
        if emotion.raw.get(name) is not None and scale != "dimensional":
            yield Issue(f"{emotion.pointer}/{name}", "not_allowed", "Only the scale dimensional has this.")
    try:
        normalise(value, scale, word)
    except OffScale as refusal:
        yield Issue(emotion.pointer, "off_scale", str(refusal))


def _elements(seen: Survey) -> Iterator[Issue]:
    for found in seen.elements:
        continued = [as_id(value) for value in strings(found.raw, "continues")]
        own = as_id(found.raw.get("id"))
        for index, name in enumerate(continued):
            where = found.pointer + pointer("continues", index)
            if name is not None and name == own:
                yield Issue(where, "continues_itself", "An element does not continue itself.")
            elif name is not None and name in continued[:index]:
                yield Issue(where, "duplicate", "This id is already named here.")
    for found in seen.touchpoints:
        yield from addresses(found)
        channels = strings(found.raw, "channels")
        for index, channel in enumerate(channels):
            if channel in channels[:index]:
                where = found.pointer + pointer("channels", index)
                yield Issue(where, "duplicate", "This channel is already named here.")


def _transitions(raw: Mapping[str, Any], seen: Survey) -> Iterator[Issue]:
    shares: dict[str, float] = {}
    for where, way in objects(raw, "transitions"):
        for end in ("from", "to"):
            name = way.get(end)
            if not isinstance(name, str) or seen.touchpoint_of(name) is not None:
                continue
            if seen.knows_stage(name):
                yield Issue(
                    f"{where}/{end}", "not_a_touchpoint", "A transition joins touchpoints, not stages."
                )
            else:
                detail = "There is no touchpoint of this id or key."
                yield Issue(f"{where}/{end}", "unknown_reference", detail)
        start, share = way.get("from"), way.get("likelihood")
        left = seen.touchpoint_of(start) if isinstance(start, str) else None
        if left is None or isinstance(share, bool) or not isinstance(share, int | float):
            continue
        shares[left] = shares.get(left, 0.0) + share
        if shares[left] > 1 + _SUM_SLACK and shares[left] - share <= 1 + _SUM_SLACK and share <= 1:
            detail = f"The likelihoods of the ways out of {left} add up to more than 1."
            yield Issue(f"{where}/likelihood", "likelihood_sum", detail)


def _windows(raw: Mapping[str, Any], seen: Survey) -> Iterator[Issue]:
    for where, holder in (("", raw), *((found.pointer, found.raw) for found in seen.elements)):
        window = holder.get("time_window")
        if isinstance(window, Mapping) and _later(window.get("start"), window.get("end")) is False:
            detail = "The end is the day after the last and so later than the start."
            yield Issue(f"{where}/time_window/end", "not_after_start", detail)
    review = raw.get("review")
    if isinstance(review, Mapping) and _later(review.get("last_on"), review.get("next_on")) is False:
        yield Issue("/review/next_on", "not_after_start", "The next review is later than the last.")


def _later(start: object, end: object) -> bool | None:
    """Compare two ISO days; None where one of them is absent or no day (the shape says so)."""
    if isinstance(start, str) and isinstance(end, str) and len(start) == len(end) == len("2026-01-31"):
        return start < end
    return None


def _parent(raw: Mapping[str, Any], seen: Survey) -> Iterator[Issue]:
    parent = as_id(raw.get("parent_touchpoint"))
    if parent is not None and any(as_id(found.raw.get("id")) == parent for found in seen.elements):
        yield Issue("/parent_touchpoint", "parent_is_self", "A map is not the detail of its own touchpoint.")


def _size(seen: Survey) -> Iterator[Issue]:
    if len(seen.touchpoints) > TOUCHPOINTS_TOTAL:
        yield Issue("/stages", "too_many", f"A map holds at most {TOUCHPOINTS_TOTAL} touchpoints.")
