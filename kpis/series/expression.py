"""Expressions over KPIs, `(a + b) / c`, `1 - a`, `max(a, b) * 100`: worked out here, never run.

What is unknown stays unknown: a figure that is missing, or a division by zero, makes the whole null.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from kpis.series.exact import ROUNDING, rounded

_BELOW = Decimal("1E15")
_BARE = re.compile(r"[a-z](?:[a-z0-9._-]*[a-z0-9])?")
FUNCTIONS = ("min", "max")


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
        return written if _BARE.fullmatch(written) and written not in FUNCTIONS else f"{{{written}}}"
    parts = [renamed(operand, name) for operand in node.operands]
    if node.sign in FUNCTIONS:
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
    if isinstance(node, Call) and node.sign not in FUNCTIONS:
        return 1 if node.sign in "+-" and len(node.operands) == 2 else 2 if len(node.operands) == 2 else 3
    return 4


def _within(node: Node, text: str, rank: int) -> str:
    return text if _rank(node) >= rank else f"({text})"
