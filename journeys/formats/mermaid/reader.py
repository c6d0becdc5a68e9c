"""A diagram as a document: sections → stages, tasks → touchpoints, people → personas, scores → emotions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from journeys.document.shape import PERSONAS_MAX
from journeys.document.words import LONG_TEXT_MAX, NAME_MAX, TEXT_MAX
from journeys.formats.base import Notice, ReadMap, unknown_options
from journeys.formats.options import texts
from journeys.formats.wording import keys_for, short_name

from .numbers import number
from .syntax import Diagram, Task, diagram_of
from .text import shown

SCALE, LOW, HIGH = "mermaid", 1, 5
ACC_TITLE, PEOPLE = "mermaid.acc-title", "mermaid.people"
"""Attributes that keep what the document has no member for, so that an export says it again."""

_ATTRIBUTE_MAX = 500
_DEFAULTS = {"name": "Untitled journey", "default_stage": "Start"}


def read_mermaid(raw: bytes, options: Mapping[str, Any]) -> tuple[ReadMap, ...]:
    """Read one diagram. Options: `name` where it has no title, `default_stage` for tasks before a section."""
    given, notices = texts(options, *_DEFAULTS)
    notices = (*unknown_options(options, _DEFAULTS), *notices)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as refusal:
        line = raw.count(b"\n", 0, refusal.start) + 1
        detail = f"Byte {refusal.start + 1} is not UTF-8."
        return (ReadMap("", None, 0, (*notices, Notice(f"line {line}", "invalid", "not_utf8", detail))),)
    diagram = diagram_of(text)
    told = [Notice(f"line {line}", "invalid", "syntax", detail) for line, detail in diagram.errors]
    if told:
        return (ReadMap("", None, 0, (*notices, *told)),)
    building = _Building(diagram, given)
    building.run()
    return (
        ReadMap(
            "",
            building.document,
            len(diagram.sections) + len(diagram.tasks),
            (*notices, *building.notices),
            building.guessed,
            building.places,
        ),
    )


class _Building:
    def __init__(self, diagram: Diagram, given: Mapping[str, str]) -> None:
        self.diagram, self.given = diagram, given
        self.notices: list[Notice] = []
        self.guessed: dict[str, str] = {}
        self.places: dict[str, str] = {}
        self.document: dict[str, Any] = {}
        self.personas: dict[str, str] = {}

    def run(self) -> None:
        diagram = self.diagram
        title = self.title()
        self.document = {"name": short_name(title)}
        description = shown(diagram.acc_descr)
        if len(title) > NAME_MAX:
            self.note(diagram.title_line, "lossy", "name_cut", "The title is cut at 200 characters.")
            description = description or title
        if description:
            self.document["description"] = description[:LONG_TEXT_MAX]
        if len(description) > LONG_TEXT_MAX:
            self.note(1, "lossy", "text_cut", f"accDescr is cut at {LONG_TEXT_MAX} characters.")
        self.acc_title(shown(diagram.acc_title))
        self.people()
        self.stages()

    def title(self) -> str:
        """Return the title; a diagram without one is called as its reader says."""
        title = shown(self.diagram.title) or shown(self.diagram.acc_title)
        if title.strip():
            return title
        return self.guess(1, "name", "The diagram has no title.")

    def acc_title(self, text: str) -> None:
        if not text or not self.diagram.title:
            return
        self.document["attributes"] = {ACC_TITLE: text[:_ATTRIBUTE_MAX]}
        if len(text) > _ATTRIBUTE_MAX:
            self.note(1, "lossy", "text_cut", f"accTitle is cut at {_ATTRIBUTE_MAX} characters.")

    def people(self) -> None:
        named: dict[str, int] = {}
        for task in self.diagram.tasks:
            for person in _people(task):
                named.setdefault(person, task.line)
        kept = list(named)[:PERSONAS_MAX]
        self.personas = keys_for(kept, "person")
        if kept:
            self.document["personas"] = [
                {"key": key, "name": short_name(name)} for name, key in self.personas.items()
            ]
        for index, name in enumerate(kept):
            self.places[f"/personas/{index}"] = f"line {named[name]}"
            if len(name) > NAME_MAX:
                self.note(named[name], "lossy", "name_cut", "The name of a person is cut at 200 characters.")
        if len(named) > len(kept):
            first = named[list(named)[PERSONAS_MAX]]
            detail = f"A map holds at most {PERSONAS_MAX} personas; the diagram names {len(named)} people."
            self.note(first, "lossy", "too_many_people", detail)

    def stages(self) -> None:
        stages: list[dict[str, Any]] = []
        begun = [task for task in self.diagram.tasks if task.section is None]
        if begun:
            name = self.guess(begun[0].line, "default_stage", "Tasks stand before the first section.")
            self.places["/stages/0"] = f"line {begun[0].line}"
            stages.append({"name": name, "touchpoints": []})
        shift = len(stages)
        for section in self.diagram.sections:
            self.places[f"/stages/{len(stages)}"] = f"line {section.line}"
            stages.append({**self.named(section.name, "Section", section.line), "touchpoints": []})
        for task in self.diagram.tasks:
            index = 0 if task.section is None else task.section + shift
            held: list[dict[str, Any]] = stages[index]["touchpoints"]
            self.places[f"/stages/{index}/touchpoints/{len(held)}"] = f"line {task.line}"
            held.append(self.touchpoint(task))
        self.document["stages"] = stages

    def touchpoint(self, task: Task) -> dict[str, Any]:
        touchpoint = self.named(task.name, "Task", task.line)
        people = _people(task)
        known = [self.personas[person] for person in people if person in self.personas]
        score = number(task.score) if task.score else None
        if task.extra:
            self.note(
                task.line, "lossy", "extra_data", f"Mermaid passes over what follows: {task.extra[:60]!r}."
            )
        if score is None or len(known) < len(people):
            touchpoint["attributes"] = {PEOPLE: ", ".join(people)[:_ATTRIBUTE_MAX]} if people else {}
        if score is None:
            self.no_score(task)
            return touchpoint
        if not LOW <= score <= HIGH:
            detail = (
                f"{task.score} lies outside {LOW} to {HIGH}; it is kept, and drawn as the end of the scale."
            )
            self.note(task.line, "note", "score_out_of_range", detail)
        felt = {"scale": SCALE, "value": score}
        touchpoint["emotions"] = [{**felt, "persona": persona} for persona in known] or [felt]
        return touchpoint

    def no_score(self, task: Task) -> None:
        if task.score:
            detail = f"{task.score[:60]!r} is not a number: the touchpoint has no emotion."
            self.note(task.line, "lossy", "score_not_a_number", detail)
        else:
            self.note(task.line, "note", "score_missing", "There is no score: the touchpoint has no emotion.")

    def named(self, text: str, fallback: str, line: int) -> dict[str, Any]:
        """Return the name of a stage or touchpoint; one that is too long stands whole in the description."""
        name = shown(text)
        if not name.strip():
            self.note(line, "note", "blank_name", f"It has no name; {fallback!r} is taken.")
            return {"name": fallback}
        if len(name) <= NAME_MAX:
            return {"name": name}
        self.note(
            line, "lossy", "name_cut", "The name is cut at 200 characters; the description has all of it."
        )
        return {"name": short_name(name), "description": name[:TEXT_MAX]}

    def guess(self, line: int, option: str, detail: str) -> str:
        value = self.given.get(option, _DEFAULTS[option])
        self.guessed[option] = value
        if option not in self.given:
            self.note(line, "note", f"{option}_guessed", f"{detail} {value!r} is taken.")
        return value

    def note(self, line: int, weight: Any, code: str, detail: str) -> None:
        self.notices.append(Notice(f"line {line}", weight, code, detail))


def _people(task: Task) -> list[str]:
    """Return the people of a task, each once, in their order."""
    return list(dict.fromkeys(person for person in map(shown, task.people) if person.strip()))
