"""What was read, laid over a draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from journeys import queries
from journeys.actions.import_order import MATCHES, Order, WouldErase
from journeys.document.canonical import to_plain
from journeys.document.shape import Document
from journeys.document.validate import InvalidDocument, parse
from journeys.formats.base import ReadMap
from journeys.formats.joining import Joined, join
from journeys.models import Draft
from service.errors import Issue, ValidationProblem
from service.ids import new_id


def joined_draft(draft: Draft, document: Document, order: Order, read: ReadMap) -> Joined:
    """Return what was read laid over a draft. Raises ValidationProblem for matches that name nothing."""
    stored: dict[str, Any] = msgspec.json.decode(queries.draft_bytes(draft))
    plain = to_plain(document)
    if "name" in read.guessed and "name" not in order.options:
        plain["name"] = stored["name"]
    full = queries.draft_moment(draft.journey_map).content
    named = _named(stored, full)
    try:
        joined = join(
            plain,
            named,
            base=None if order.form.says_all else shown_again(order, full),
            whole=read.whole,
            overrides=_overrides(order.options),
            on_missing=order.on_missing,
            new_id=new_id,
        )
    except KeyError as unknown:
        where = str(unknown.args[0])
        detail = f"{where[:200]} was not read, or there is no element of that id left to match."
        raise ValidationProblem([Issue(f"/options/{MATCHES}", "unknown_match", detail)]) from None
    _refer_again(joined.plain, stored, named, msgspec.json.decode(full))
    return joined


def shown_again(order: Order, full: bytes) -> Mapping[str, Any] | None:
    """Return a document as it comes back from its format, None where that is not element by element."""
    if order.form.write is None or order.form.read is None:
        return None
    document = parse(full)
    options = {name: value for name, value in order.options.items() if name != MATCHES}
    found = order.form.read(order.form.write(document).content, options)
    if len(found) != 1 or found[0].raw is None:
        return None
    try:
        again = parse(found[0].raw)
    except InvalidDocument:
        return None
    shape = [len(stage.touchpoints) for stage in document.stages]
    return to_plain(again) if [len(stage.touchpoints) for stage in again.stages] == shape else None


def _named(stored: dict[str, Any], full: bytes) -> dict[str, Any]:
    """Return the stored document; personas that it only refers to lend their names to be matched by."""
    personas = {p["id"]: p for p in msgspec.json.decode(full).get("personas", ())}
    if not personas:
        return stored
    held = [personas.get(persona["id"], persona) for persona in stored["personas"]]
    return {**stored, "personas": held}


def _refer_again(
    plain: dict[str, Any], stored: Mapping[str, Any], named: Mapping[str, Any], full: Mapping[str, Any]
) -> None:
    """Refer to the library, and to the workspace's words, where the draft did and nothing else is said."""
    for name in [own for own in plain if own not in stored and plain[own] == full.get(own)]:
        del plain[name]
    filled = {persona["id"]: persona for persona in named.get("personas", ())}
    held = {persona["id"]: persona for persona in stored.get("personas", ())}
    if "personas" in plain:
        plain["personas"] = [
            held[persona["id"]] if filled.get(persona["id"]) == persona else persona
            for persona in plain["personas"]
        ]


def refuse_erasure(joined: Joined) -> None:
    if joined.erased:
        issues = [
            Issue("", "would_erase", f"{name!r} ({own}) is not there. Send on_missing=remove or keep.")
            for own, name in joined.erased.items()
        ]
        raise WouldErase(issues=issues)


def _overrides(options: Mapping[str, Any]) -> dict[str, str | None]:
    given = options.get(MATCHES) or {}
    if not isinstance(given, Mapping) or not all(isinstance(own, str | None) for own in given.values()):
        detail = "Matches are an object of {pointer: id or null}."
        raise ValidationProblem([Issue(f"/options/{MATCHES}", "wrong_type", detail)])
    return {str(where): own.lower() if own else None for where, own in given.items()}
