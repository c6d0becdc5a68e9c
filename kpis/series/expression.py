"""Expressions over KPIs, `(a + b) / c`, `1 - a`, `max(a, b) * 100`: read by a parser of their own, never run.

    expression  term (+ | - term)*
    term        factor (* | / factor)*
    factor      - factor | number | name | {id or key} | ( expression ) | min(…) | max(…)

A bare name is a KPI's key that begins with a letter; a hyphen, dot or underscore between its characters is
part of it, so a difference has spaces: `a - b`. Every other reference stands in braces. What is unknown stays
unknown: a figure that is missing, or a division by zero, makes the whole null.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice

from kpis.series.exact import ROUNDING, rounded

MOST_CHARS, MOST_TOKENS, MOST_NESTED, MOST_REFS = 1200, 150, 20, 12
_BELOW = Decimal("1E15")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]{1,15}(?:\.[0-9]{1,15})?)|(?P<name>[a-z](?:[a-z0-9._-]*[a-z0-9])?)"
    r"|\{\s*(?P<ref>[a-z0-9A-Z._-]{1,64})\s*\}|(?P<sign>[-+*/(),]))"
)
_BARE = re.compile(r"[a-z](?:[a-z0-9._-]*[a-z0-9])?")
_FUNCTIONS = ("min", "max")


class ExpressionError(ValueError):
    """An expression that cannot be read. at: the place in the text, 0 for its first character."""

    def __init__(self, detail: str, at: int) -> None:
        super().__init__(f"{detail} (at character {at + 1})")
        self.at = at


@dataclass(frozen=True, slots=True)
class Number:
    value: Decimal


@dataclass(frozen=True, slots=True)
class Ref:
    """A KPI by the id or key that was written at `at`."""

    name: str
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """An operation on expressions: one of + - * / min max. at: where it was written."""

    sign: str
    operands: tuple[Node, ...]
    at: int = field(compare=False)


Node = Number | Ref | Call


@dataclass(frozen=True, slots=True)
class Result:
    """A figure to 12 digits after the point; or None, and why as a code."""

    value: Decimal | None
    reason: str | None = None


def parse_expression(text: str) -> Node:
    """Return the expression that a text writes. Raises ExpressionError."""
    if len(text) > MOST_CHARS:
        raise ExpressionError(f"At most {MOST_CHARS} characters.", MOST_CHARS)
    tokens = list(islice(_tokens(text), MOST_TOKENS + 1))
    if len(tokens) > MOST_TOKENS:
        raise ExpressionError(f"At most {MOST_TOKENS} numbers, names and signs.", tokens[-1].at)
    reader = _Reader(tokens, len(text))
    node = reader.expression(0)
    reader.end()
    if len({ref.name for ref in references(node)}) > MOST_REFS:
        raise ExpressionError(f"At most {MOST_REFS} KPIs.", 0)
    return node


def references(node: Node) -> Iterator[Ref]:
    """Yield every reference, from left to right."""
    if isinstance(node, Ref):
        yield node
    elif isinstance(node, Call):
        for operand in node.operands:
            yield from references(operand)


def renamed(node: Node, name: Callable[[Ref], str]) -> str:
    """Return the expression as text, each reference written as `name` says; it reads back the same."""
    if isinstance(node, Number):
        return f"{node.value:f}"
    if isinstance(node, Ref):
        written = name(node)
        return written if _BARE.fullmatch(written) and written not in _FUNCTIONS else f"{{{written}}}"
    parts = [renamed(operand, name) for operand in node.operands]
    if node.sign in _FUNCTIONS:
        return f"{node.sign}({', '.join(parts)})"
    if len(parts) == 1:
        return f"-{_within(node.operands[0], parts[0], 3)}"
    left, right = node.operands
    rank = _rank(node)
    return f"{_within(left, parts[0], rank)} {node.sign} {_within(right, parts[1], rank + 1)}"


def evaluate(node: Node, figures: Mapping[str, Decimal | None]) -> Result:
    """Return what the expression is of these figures, by reference: rounded once, at the end."""
    try:
        found = _worked_out(node, figures)
    except _Unknown as unknown:
        return Result(None, str(unknown))
    if abs(found) >= _BELOW:
        return Result(None, "out_of_range")
    return Result(rounded(found))


class _Unknown(Exception):
    """No figure; its text is the reason."""


def _worked_out(node: Node, figures: Mapping[str, Decimal | None]) -> Decimal:
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Ref):
        figure = figures[node.name]
        if figure is None:
            raise _Unknown("missing_input")
        return figure
    operands = [_worked_out(operand, figures) for operand in node.operands]
    if node.sign == "/" and not operands[1]:
        raise _Unknown("division_by_zero")
    return _OPERATIONS[node.sign](operands)


def _difference(operands: Sequence[Decimal]) -> Decimal:
    return ROUNDING.minus(operands[0]) if len(operands) == 1 else ROUNDING.subtract(*operands)


_OPERATIONS: Mapping[str, Callable[[Sequence[Decimal]], Decimal]] = {
    "+": lambda operands: ROUNDING.add(*operands),
    "-": _difference,
    "*": lambda operands: ROUNDING.multiply(*operands),
    "/": lambda operands: ROUNDING.divide(*operands),
    "min": min,
    "max": max,
}


def _rank(node: Node) -> int:
    """How tightly it binds; a negation as tightly as what it stands before."""
    if isinstance(node, Call) and node.sign not in _FUNCTIONS:
        return 1 if node.sign in "+-" and len(node.operands) == 2 else 2 if len(node.operands) == 2 else 3
    return 4


def _within(node: Node, text: str, rank: int) -> str:
    return text if _rank(node) >= rank else f"({text})"


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            place = at + len(text[at:]) - len(text[at:].lstrip())
            raise ExpressionError(f"{text[place]!r} means nothing here.", place)
        kind = found.lastgroup or ""
        yield _Token(kind, found[kind], found.start(kind))
        at = found.end()


class _Reader:
    """Reads the tokens from left to right, one function for each line of the grammar."""

    def __init__(self, tokens: Sequence[_Token], end: int) -> None:
        self._tokens, self._place = tokens, 0
        self._beyond = _Token("end", "", end)

    def expression(self, nested: int) -> Node:
        if nested > MOST_NESTED:
            raise ExpressionError(f"Nested more than {MOST_NESTED} deep.", self._next.at)
        node = self._term(nested)
        while sign := self._taken("+", "-"):
            node = Call(sign.text, (node, self._term(nested)), sign.at)
        return node

    def end(self) -> None:
        if self._next.kind != "end":
            raise ExpressionError(f"An operator is expected before {self._next.text!r}.", self._next.at)

    def _term(self, nested: int) -> Node:
        node = self._factor(nested)
        while sign := self._taken("*", "/"):
            node = Call(sign.text, (node, self._factor(nested)), sign.at)
        return node

    def _factor(self, nested: int) -> Node:
        if minus := self._taken("-"):
            if nested >= MOST_NESTED:
                raise ExpressionError(f"Nested more than {MOST_NESTED} deep.", minus.at)
            return Call("-", (self._factor(nested + 1),), minus.at)
        token = self._next
        self._place += 1
        if token.kind == "number":
            return Number(Decimal(token.text))
        if token.text == "(" and token.kind == "sign":
            node = self.expression(nested + 1)
            self._closed(token)
            return node
        if token.kind == "name" and token.text in _FUNCTIONS and self._taken("("):
            return self._call(token, nested)
        if token.kind in ("name", "ref"):
            return Ref(token.text, token.at)
        raise ExpressionError("A KPI, a number or a bracket is expected.", token.at)

    def _call(self, name: _Token, nested: int) -> Node:
        operands = [self.expression(nested + 1)]
        while self._taken(","):
            operands.append(self.expression(nested + 1))
        self._closed(name)
        return Call(name.text, tuple(operands), name.at)

    def _closed(self, opened: _Token) -> None:
        if not self._taken(")"):
            raise ExpressionError(f"A closing bracket is missing for {opened.text!r}.", self._next.at)

    @property
    def _next(self) -> _Token:
        return self._tokens[self._place] if self._place < len(self._tokens) else self._beyond

    def _taken(self, *signs: str) -> _Token | None:
        token = self._next
        if token.kind != "sign" or token.text not in signs:
            return None
        self._place += 1
        return token
