"""Expressions over KPIs are read from text, `(a + b) / c`, by a parser of our own.

    expression  term (+ | - term)*
    term        factor (* | / factor)*
    factor      - factor | number | name | {id or key} | ( expression ) | min(…) | max(…)

A bare name is a KPI's key that begins with a letter; a hyphen, dot or underscore between its characters is
part of it, so a difference has spaces: `a - b`. Every other reference stands in braces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from kpis.series.expression import FUNCTIONS, Call, Node, Number, Ref, references

MOST_CHARS, MOST_TOKENS, MOST_NESTED, MOST_REFS = 1200, 150, 20, 12
_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]{1,15}(?:\.[0-9]{1,15})?)|(?P<name>[a-z](?:[a-z0-9._-]*[a-z0-9])?)"
    r"|\{\s*(?P<ref>[a-z0-9A-Z._-]{1,64})\s*\}|(?P<sign>[-+*/(),]))"
)


class ExpressionError(ValueError):
    """An expression that cannot be read. at: the place in the text, 0 for its first character."""

    def __init__(self, detail: str, at: int) -> None:
        super().__init__(f"{detail} (at character {at + 1})")
        self.at = at


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
        if token.kind == "name" and token.text in FUNCTIONS and self._taken("("):
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
