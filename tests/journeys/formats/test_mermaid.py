"""Mermaid's journey: held against Mermaid's own verdicts, against itself, and against noise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeys.document.elements import Touchpoint
from journeys.document.shape import Document
from journeys.document.validate import parse
from journeys.formats.mermaid import read_mermaid, write_mermaid
from journeys.formats.mermaid.numbers import number
from journeys.formats.mermaid.syntax import diagram_of
from journeys.formats.mermaid.text import plain
from journeys.formats.mermaid.writer import people_of, score_of
from tests.conftest import SHARED_DATA
from tests.journeys.document.strategies import documents, names

from .effort import effort

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

DATA = SHARED_DATA / "mermaid"
Said = tuple[str, str, list[tuple[str, list[tuple[str, float, list[str]]]]]]


def judged() -> Iterator[Any]:
    """Yield (text, what Mermaid makes of it) of everything that Mermaid was asked."""
    if not DATA.is_dir():
        return
    for name, verdict in json.loads((DATA / "expected.json").read_text())["results"].items():
        yield pytest.param((DATA / "diagrams" / name).read_bytes().decode(), verdict, id=name)
    cases = json.loads((DATA / "upstream-cases.json").read_text())
    for case in [*cases["cases"], *cases["tree_sitter_corpus"]["cases"]]:
        yield pytest.param(case["text"], case["mermaid_result"], id=case["name"])


def score(text: str) -> Any:
    """Return the score as the reference spells it: what is absent is 0 for Mermaid, what is no number NaN."""
    if not text:
        return 0
    return "NaN" if number(text) is None else number(text)


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared data is not on this machine")
@pytest.mark.parametrize(("text", "verdict"), list(judged()))
def test_a_diagram_is_read_as_mermaid_reads_it(text: str, verdict: dict[str, Any]) -> None:
    diagram = diagram_of(text)
    if not verdict["ok"]:
        assert diagram.errors
        assert all(1 <= line <= text.count("\n") + 1 for line, _ in diagram.errors)
        return
    assert not diagram.errors
    for said, ours in (("title", "title"), ("accTitle", "acc_title"), ("accDescr", "acc_descr")):
        assert plain(getattr(diagram, ours)) == verdict[said].strip()
    sections = [plain(section.name) for section in diagram.sections]
    assert sections == [name.strip() for name in verdict["sections"]]
    found = [
        {
            "section": "" if task.section is None else sections[task.section],
            "task": plain(task.name),
            "score": score(task.score),
            "people": [plain(person) for person in task.people],
        }
        for task in diagram.tasks
    ]
    for task in verdict["tasks"]:
        task |= {"section": task["section"].strip(), "task": task["task"].strip()}
    assert found == verdict["tasks"]


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared data is not on this machine")
@pytest.mark.parametrize(("text", "verdict"), list(judged()))
def test_a_diagram_becomes_a_valid_document(text: str, verdict: dict[str, Any]) -> None:
    [found] = read_mermaid(text.encode(), {})
    if not verdict["ok"]:
        assert found.raw is None
        assert {notice.place.split()[0] for notice in found.notices} == {"line"}
        return
    assert found.raw is not None
    document = parse(found.raw)
    begun = any(task["section"] == "" for task in verdict["tasks"])
    assert len(document.stages) == len(verdict["sections"]) + begun
    assert len(list(document.touchpoints())) == len(verdict["tasks"])
    people = {person for task in verdict["tasks"] for person in task["people"] if person}
    assert {persona.name for persona in document.personas} == people
    assert said(parse(read_mermaid(write_mermaid(document).content, {})[0].raw or {})) == said(document)


# What the table of journey-domain.md §5.1 says of each: text → (name, score, people) or a refusal.
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Foo: bar: 5: Me", ("Foo", None, ["5"])),
        ("Foo: 5: Me, Me,", ("Foo", 5, ["Me"])),
        ('Foo: 5: "Smith, J"', ("Foo", 5, ['"Smith', 'J"'])),
        ("Foo: 3.5", ("Foo", 3.5, [])),
        ("Foo: 0x3", ("Foo", 3, [])),
        ("Foo: 1e1", ("Foo", 10, [])),
        ("Foo: 3,5: Me", ("Foo", None, ["Me"])),
        ("Foo: ", ("Foo", None, [])),
        ("Foo: : Me", ("Foo", None, ["Me"])),
        ("Foo: 5: Me: extra", ("Foo", 5, ["Me"])),
        ("Pay #35;1: 5: Child#35;1#44; Dad", ("Pay #1", 5, ["Child#1, Dad"])),
        ("#84;itle it: 5", ("Title it", 5, [])),
        ("50%% off: 4", ("50%% off", 4, [])),
        ("Say #quot;hi#quot; #nothing;: 4", ('Say "hi" #nothing;', 4, [])),
        ("Two<br>lines<br />here: 4", ("Two\nlines\nhere", 4, [])),
        ("Journeyman: 2", ("Journeyman", 2, [])),
        ("Foo：bar: 5", ("Foo：bar", 5, [])),
        ("Foo", None),
        ("Foo:", None),
        ("Pay #1: 5: Me", None),
        ("a;b: 5", None),
        ("Section A: 5", None),
        ("journey on: 5", None),
    ],
)
def test_the_traps_of_a_task(line: str, expected: tuple[str, float | None, list[str]] | None) -> None:
    [found] = read_mermaid(f"journey\nsection S\n{line}\n".encode(), {})
    if expected is None:
        assert found.raw is None
        assert found.notices[0].place == "line 3"
        return
    [touchpoint] = parse(found.raw or {}).touchpoints()
    felt = {emotion.value for emotion in touchpoint.emotions}
    document = parse(found.raw or {})
    people = people_of(touchpoint, {persona.key: persona.name for persona in document.personas})
    assert (touchpoint.name, felt, people) == (expected[0], {expected[1]} - {None}, expected[2])


def test_lines_are_told_past_all_that_is_taken_off() -> None:
    head = '---\ntitle: "A \\"good\\" day"\n---\n%%{init: {"a":\n1}}%%\n\n%% note\n'
    text = head + "journey\r\n\tFoo\n  %% n\nBar:"
    [found] = read_mermaid(text.encode(), {})
    assert [notice.place for notice in found.notices] == ["line 9", "line 11"]
    [whole] = read_mermaid(text.replace("Foo", "Foo: 5").replace("Bar:", "Bar: 1").encode(), {})
    assert whole.raw is not None
    assert whole.raw["name"] == 'A "good" day'
    assert whole.places["/stages/0/touchpoints/1"] == "line 11"


def test_what_a_diagram_lacks_can_be_given() -> None:
    [found] = read_mermaid(b"journey\nFoo: 5", {"name": "My map", "default_stage": "First"})
    assert found.raw is not None
    assert (found.raw["name"], found.raw["stages"][0]["name"]) == ("My map", "First")
    assert found.guessed == {"name": "My map", "default_stage": "First"}
    [wrong] = read_mermaid(b"journey", {"name": 7})
    assert ("options", "invalid") in {(notice.place, notice.weight) for notice in wrong.notices}


@pytest.mark.parametrize("raw", [b"", b"flowchart LR", b"JOURNEY\n", b"\xff\xfe", b"journeyman\n", b"\n\n  "])
def test_what_is_no_journey_is_refused(raw: bytes) -> None:
    [found] = read_mermaid(raw, {})
    assert found.raw is None
    assert found.notices[0].weight == "invalid"


def said(document: Document) -> Said:
    """Return what Mermaid can say of a document."""
    known = {str(p.id): p.name for p in document.personas} | {
        p.key: p.name for p in document.personas if p.key
    }

    def task(touchpoint: Touchpoint) -> tuple[str, float, list[str]]:
        return touchpoint.name, score_of(touchpoint), people_of(touchpoint, known)

    stages = [
        (stage.name, [task(touchpoint) for touchpoint in stage.touchpoints]) for stage in document.stages
    ]
    return document.name, document.description, stages


@calm
@given(documents())
def test_what_a_diagram_can_say_comes_back(document: Document) -> None:
    written = write_mermaid(document)
    [found] = read_mermaid(written.content, {})
    assert found.raw is not None, (written.content.decode(), found.notices)
    again = parse(found.raw)
    expected = said(document)
    if not document.description.strip():
        expected = (expected[0], "", expected[2])
    assert said(again) == expected
    assert not [notice for notice in found.notices if notice.weight != "note"]


@calm
@given(
    st.builds(lambda stage, tasks, people: (stage, tasks, people), names, st.lists(names), st.lists(names))
)
def test_a_document_of_nothing_else_loses_nothing(given_: tuple[str, list[str], list[str]]) -> None:
    stage, tasks, people = given_
    people = list(dict.fromkeys(people))
    personas = [{"key": f"p{index}", "name": name} for index, name in enumerate(people)]
    felt = {"scale": "mermaid", "value": 2}
    emotions = [{**felt, "persona": persona["key"]} for persona in personas] or [felt]
    touchpoints = [{"name": name, "emotions": emotions} for name in tasks]
    raw = {"name": stage, "personas": personas, "stages": [{"name": stage, "touchpoints": touchpoints}]}
    document = parse(raw)
    losses = [loss for loss in write_mermaid(document).losses if loss.place != "/personas"]
    assert losses == []


@calm
@given(st.text(st.sampled_from("journey\n :#;%{}<br>titlesection,5\t\ufeff\ud800Aa-é"), max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    for source in (text, f"journey\n{text}"):
        [found] = read_mermaid(source.encode("utf-8", "surrogatepass"), {})
        if found.raw is None:
            assert found.notices
            continue
        document = parse(found.raw)
        assert said(parse(read_mermaid(write_mermaid(document).content, {})[0].raw or {})) == said(document)


@pytest.mark.parametrize(
    "piece",
    ["\n", " \n", "a: 5: b\n", "%%\n", "%%{a ", "<a ", "---\n", "accDescr { ", "title ", "#a", ";", "\0"],
)
def test_the_work_grows_with_the_text_alone(piece: str) -> None:
    def read(size: int) -> int:
        source = ("journey\n" + piece * (size // len(piece))).encode()
        return effort(lambda: read_mermaid(source, {}))

    assert read(40_000) <= 2.5 * read(20_000) + 1_000
    read_mermaid(("journey\n" + piece * (200_000 // len(piece))).encode(), {})
