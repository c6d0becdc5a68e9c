"""The grammar of `journey`, as Mermaid's own parser reads it (versions 11 and 12 agree).

Keywords in any case; `#` to the end of the line is a comment; statements may share a line; a task needs
data; `;` is no separator but an error. Where Mermaid stops at the first error, all are told here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from .source import Source, source_of
from .text import SPACE, hidden, plain, trimmed

ERRORS_MAX = 100

Kind = Literal[
    "newline", "journey", "title", "acc_title", "acc_descr", "section", "name", "data", "colon", "bad"
]


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Task:
    """A task: its section (index, None before the first), the score as written, people as written."""

    section: int | None
    name: str
    score: str
    people: tuple[str, ...]
    extra: str
    line: int


@dataclass(slots=True)
class Diagram:
    """What a text says; texts keep their entities hidden (`text.shown`). errors: (line, sentence)."""

    title: str = ""
    title_line: int = 1
    acc_title: str = ""
    acc_descr: str = ""
    sections: list[Section] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    errors: list[tuple[int, str]] = field(default_factory=list)


_FLAGS = re.IGNORECASE | re.ASCII
# In the order of the grammar: the first that matches counts.
_RULES: tuple[tuple[Kind | None, re.Pattern[str]], ...] = (
    (None, re.compile(r"%%(?!\{)[^\n]*")),
    (None, re.compile(r"[^}]%%[^\n]*")),
    ("newline", re.compile(r"\n+")),
    (None, re.compile(f"{SPACE}+")),
    (None, re.compile(r"#[^\n]*")),
    ("journey", re.compile(r"journey\b", _FLAGS)),
    ("title", re.compile(f"title{SPACE}([^#\\n;]+)", _FLAGS)),
    ("acc_title", re.compile(f"accTitle{SPACE}*:{SPACE}*([^\\n]*)", _FLAGS)),
    ("acc_descr", re.compile(f"accDescr{SPACE}*:{SPACE}*([^\\n]*)", _FLAGS)),
    ("acc_descr", re.compile(f"accDescr{SPACE}*\\{{{SPACE}*([^}}]*)\\}}", _FLAGS)),
    ("bad", re.compile(f"accDescr{SPACE}*\\{{[^}}]*", _FLAGS)),
    ("section", re.compile(f"section{SPACE}([^#:\\n;]+)", _FLAGS)),
    ("name", re.compile(r"[^#:\n;]+")),
    ("data", re.compile(r":([^#\n;]+)")),
    ("colon", re.compile(r":")),
    ("bad", re.compile(r"[\s\S]")),
)
_HEAD = re.compile(f"{SPACE}*journey")
_INDENT = re.compile(f"\\n{SPACE}+")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: Kind
    text: str
    start: int


def diagram_of(raw: str) -> Diagram:
    """Return what the text says, and every line that Mermaid would refuse."""
    source = source_of(hidden(raw))
    diagram = Diagram(title=trimmed(source.title))
    if not _HEAD.match(source.text):
        first = len(source.text) - len(source.text.lstrip())
        diagram.errors.append(
            (source.line(first) if source.text.strip() else 1, "A journey diagram begins with `journey`.")
        )
        return diagram
    _Parser(source, diagram).run()
    return diagram


class _Parser:
    def __init__(self, source: Source, diagram: Diagram) -> None:
        self.source, self.diagram = source, diagram
        self.tokens = _tokens(source.text)
        self.waiting: _Token | None = None  # the name of a task whose data must come next

    def run(self) -> None:
        first = True
        for token in self.tokens:
            if first and token.kind == "newline":
                continue  # trimmed off before the grammar sees it
            if first and token.kind != "journey":
                self.refuse(token, "A journey diagram begins with `journey` on a line of its own.")
            elif not first:
                self.take(token)
            first = False
            if len(self.diagram.errors) >= ERRORS_MAX:
                return
        self.missing_data()

    def take(self, token: _Token) -> None:
        if self.waiting is not None and token.kind == "data":
            self.task(self.waiting, token)
            self.waiting = None
            return
        self.missing_data(token)
        match token.kind:
            case "name":
                self.waiting = token
            case "section":
                self.diagram.sections.append(Section(trimmed(token.text), self.line(token)))
            case "title":
                self.diagram.title, self.diagram.title_line = trimmed(token.text), self.line(token)
            case "acc_title":
                self.diagram.acc_title = trimmed(token.text)
            case "acc_descr":
                self.diagram.acc_descr = _INDENT.sub("\n", trimmed(token.text))
            case "newline":
                pass
            case _:
                self.refuse(token, _REFUSALS[token.kind])

    def task(self, name: _Token, data: _Token) -> None:
        score, _, rest = data.text.partition(":")
        people, _, extra = rest.partition(":")
        listed = tuple(trimmed(person) for person in people.split(",")) if ":" in data.text else ()
        section = len(self.diagram.sections) - 1 if self.diagram.sections else None
        self.diagram.tasks.append(
            Task(section, trimmed(name.text), plain(trimmed(score)), listed, trimmed(extra), self.line(name))
        )

    def missing_data(self, before: _Token | None = None) -> None:
        """Refuse a name that nothing follows; a bare colon after it is part of the same mistake."""
        if self.waiting is None:
            return
        name = plain(self.waiting.text).strip()[:60]
        if before is None or before.kind != "colon":
            self.refuse(self.waiting, f"The task {name!r} has no score: write `name: score: people`.")
        self.waiting = None

    def refuse(self, token: _Token, detail: str) -> None:
        """Note an error; what follows it on its line is a consequence."""
        line, errors = self.line(token), self.diagram.errors
        if not errors or errors[-1][0] != line:
            errors.append((line, detail))

    def line(self, token: _Token) -> int:
        return self.source.line(token.start)


_REFUSALS: dict[Kind, str] = {
    "journey": "`journey` stands once, at the beginning.",
    "data": "A colon has no place here: a section has none, and a task begins with its name.",
    "colon": "A score is expected after the colon: write `name: score: people`.",
    "bad": "This cannot be read: `;` separates nothing here, and `accDescr {` needs its `}`.",
}


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        for kind, rule in _RULES:
            found = rule.match(text, at)
            if found is None:
                continue
            if kind is not None:
                yield _Token(kind, found[1] if rule.groups else found[0], at)
            at = found.end()
            break
