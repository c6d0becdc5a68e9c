"""The unit of an expression, as far as it can be told from its inputs' units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kpis.series.definition import Definition
from kpis.series.expression import Call, Node, Number, Ref
from kpis.series.expression_text import ExpressionError

_SHARE, _MONEY = "fraction", "currency"
_STRICT = (_SHARE, "points", "score", "seconds")
"""Units of which each means one thing; counts and own units may be of the same things or not."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit; of money with its currency. name None: it cannot be told. literal: a number as written."""

    name: str | None
    currency: str | None = None
    literal: bool = False

    @property
    def strict(self) -> bool:
        return self.name in _STRICT or self.name == _MONEY

    def __str__(self) -> str:
        return self.currency or self.name or "an unknown unit"


UNKNOWN, LITERAL, SHARE = Unit(None), Unit(None, literal=True), Unit(_SHARE)


def unit_of(definition: Definition) -> Unit:
    """Return the unit of a KPI's figures."""
    return Unit(definition.unit, definition.currency)


def expression_unit(node: Node, units: Mapping[str, Unit]) -> Unit:
    """Return the unit of the expression, by the units of its references.

    Raises ExpressionError where a sum, a difference, min or max is of two units that cannot be added.
    """
    if isinstance(node, Number):
        return LITERAL
    if isinstance(node, Ref):
        return units[node.name]
    operands = [expression_unit(operand, units) for operand in node.operands]
    if node.sign == "*":
        return _product(*operands)
    if node.sign == "/":
        return _quotient(*operands)
    return _alike(node, operands)


def _alike(node: Call, operands: list[Unit]) -> Unit:
    told = [unit for unit in operands if unit.name is not None]
    for unit in told:
        if unit != told[0] and (unit.strict or told[0].strict):
            raise ExpressionError(f"{told[0]} and {unit} cannot be added or compared.", node.at)
    if all(unit.literal for unit in operands):
        return LITERAL
    unknown = any(unit.name is None and not unit.literal for unit in operands)
    return told[0] if told and not unknown and len(set(told)) == 1 else UNKNOWN


def _product(left: Unit, right: Unit) -> Unit:
    if left.literal and right.literal:
        return LITERAL
    if left == SHARE and not right.literal:
        return right
    if right == SHARE and not left.literal:
        return left
    return UNKNOWN


def _quotient(left: Unit, right: Unit) -> Unit:
    if left.literal and right.literal:
        return LITERAL
    if left.name is not None and (left == right or not (left.strict or right.strict or right.name is None)):
        return SHARE
    return UNKNOWN
