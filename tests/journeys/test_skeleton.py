"""An edit on the bones of a document gives what the same edit gives on the whole, or the same refusal."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.actions.skeleton import changed_alone, edited
from journeys.document import edit
from journeys.document.bodies import assemble, split
from journeys.document.canonical import to_plain
from journeys.document.elements import Element, Entry
from journeys.document.patch import apply_merge_patch
from journeys.document.shape import Document
from journeys.document.validate import parse
from service.errors import Problem
from tests.journeys.document.strategies import documents, minter

Outcome = tuple[bytes, uuid.UUID] | tuple[str, tuple[Any, ...]]


def outcome(run: Callable[[], tuple[bytes, uuid.UUID]]) -> Outcome:
    try:
        return run()
    except Problem as refusal:
        return refusal.code, refusal.issues


def patch_of(kind: str, other: Element, entry: Entry | None) -> dict[str, Any]:
    """Return a patch of a touchpoint that may well break a rule of the whole."""
    return {
        "name": {"name": "New"},
        "key": {"key": other.key or "fresh"},
        "id": {"id": str(other.id)},
        "entry": {"pains": [{"text": "p", "id": str(entry.id if entry else other.id)}]},
        "mention": {"pains": [{"text": "p"}], "description": str(entry.id if entry else other.id)},
        "persona": {"thoughts": [{"text": "t", "persona": "nobody"}]},
        "lane": {"lane_items": {"nowhere": [{"text": "t"}]}},
        "continues": {"continues": [str(other.id)]},
        "two": {"importance": 9, "key": other.key},
    }[kind]


KINDS = ("name", "key", "id", "entry", "mention", "persona", "lane", "continues", "two")


@settings(max_examples=300, deadline=None)
@given(
    documents(), st.integers(), st.sampled_from(KINDS), st.sampled_from(["change", "move", "remove", "add"])
)
def test_an_edit_of_the_bones_is_an_edit_of_the_whole(
    document: Document, seed: int, kind: str, verb: str
) -> None:
    random = Random(seed)
    before = split(document)
    elements = list(document.elements())
    targets = [p for p in before.elements if p.parent is not None or verb != "change"]
    if not targets:
        return
    target = random.choice(targets)
    others = [element for element in elements if element.id != target.id] or elements
    chosen = random.choice(others)
    entries = [
        entry for t in document.touchpoints() if t.id != target.id for _, lane in t.lanes() for entry in lane
    ]
    patch = patch_of(kind, chosen, random.choice(entries) if entries else None)
    other, new = chosen.id, {"name": "n", "key": chosen.key or "fresh"}

    def changing(whole: Document) -> tuple[Document, uuid.UUID]:
        raw = apply_merge_patch(to_plain(edit.get_element(whole, target.id)), patch)
        return edit.replace_element(whole, target.id, raw, new_id=minter(10**6)), target.id

    def moving(whole: Document) -> tuple[Document, uuid.UUID]:
        parent = None if target.parent is None else other
        return edit.move(whole, target.id, parent=parent, after=random_after), target.id

    def removing(whole: Document) -> tuple[Document, uuid.UUID]:
        return edit.remove_element(whole, target.id), target.id

    def adding(whole: Document) -> tuple[Document, uuid.UUID]:
        if target.parent is None:
            return edit.insert_stage(whole, new, new_id=minter(10**6), after=other)
        return edit.insert_touchpoint(whole, target.parent, new, new_id=minter(10**6))

    random_after = random.choice([None, edit.LAST, other])
    work = {"change": changing, "move": moving, "remove": removing, "add": adding}[verb]

    def on_the_whole() -> tuple[bytes, uuid.UUID]:
        done, own = work(parse(assemble(before)))
        return split(done).digest, own

    def on_the_bones() -> tuple[bytes, uuid.UUID]:
        done = changed_alone(before, target, work) if work is changing else None
        inner = [p.id for p in before.elements if p.parent == target.id]
        done = done or edited(before, (target.id, *inner) if work is changing else (), work)
        return done.manifest.digest, done.id

    assert outcome(on_the_bones) == outcome(on_the_whole)
