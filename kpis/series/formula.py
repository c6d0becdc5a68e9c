"""A formula filled in with the numbers that a figure was made of, for whoever wants to check it by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from kpis.series.definition import Definition
from kpis.series.exact import EXACT
from kpis.series.expression import Call, Node, Number, Ref, evaluate, renamed
from kpis.series.expression_text import parse_expression
from kpis.series.sums import Sums


@dataclass(frozen=True, slots=True)
class Filled:
    """formula: in words, as the table of kinds has it. filled: the same with numbers, an expression that
    gives the figure before it is rounded to 12 digits; None where there is none. terms: its numbers."""

    formula: str
    filled: str | None
    terms: tuple[tuple[str, Decimal], ...]


def fill(definition: Definition, sums: Sums, figure: Decimal | None) -> Filled:
    """Return how `figure`, the value of these sums, was worked out."""
    row = definition.row
    terms = tuple((name, amount) for name, amount in _terms(definition, sums) if amount is not None)
    if figure is None:
        return Filled(row.formula, None, terms)
    return Filled(row.formula, _expression(definition, sums, figure), terms)


def fill_derived(
    expression: str, names: Mapping[str, str], inputs: Mapping[str, Decimal | None], figure: Decimal | None
) -> Filled:
    """Return how a figure was worked out from those of other KPIs, which stand by their reference.

    names: how KPIs are shown. Of several label sets a derived input counts those alone of which all that is
    made of it knows something; then its own figure is another one, and nothing is filled in.
    """
    node = parse_expression(expression)
    terms = tuple((names[ref], value) for ref, value in inputs.items() if value is not None)
    shown = renamed(node, lambda ref: names[ref.name])
    if figure is None or evaluate(node, inputs).value != figure:
        return Filled(shown, None, terms)
    return Filled(shown, renamed(_with_numbers(node, inputs), lambda ref: ref.name), terms)


def _with_numbers(node: Node, inputs: Mapping[str, Decimal | None]) -> Node:
    if isinstance(node, Call):
        return Call(node.sign, tuple(_with_numbers(operand, inputs) for operand in node.operands), node.at)
    if isinstance(node, Ref):
        return Number(inputs[node.name] or Decimal(0))
    return node


def _terms(definition: Definition, sums: Sums) -> list[tuple[str, Decimal | None]]:
    top, bottom = _ends(definition, sums)
    return [
        ("numerator", sums.numerator),
        ("denominator", sums.denominator),
        ("top", top),
        ("bottom", bottom),
        ("total", sums.total),
        ("n", None if sums.n is None else Decimal(sums.n)),
        ("last", sums.last),
        ("as_sent", sums.bare if sums.bares == 1 else None),
    ]


def _ends(definition: Definition, sums: Sums) -> tuple[Decimal | None, Decimal | None]:
    """Answers in the highest and in the lowest steps, of what is made of them."""
    row, counts = definition.row, sums.counts
    if counts is None or row.form != "balance":
        return None, None
    return Decimal(sum(counts[-row.top :])), Decimal(sum(counts[: row.bottom]))


def _expression(definition: Definition, sums: Sums, figure: Decimal) -> str:
    """What does not divide or subtract is the figure itself: a sum, the latest, a quantile, one as sent."""
    row, n = definition.row, sums.n
    above, below = sums.numerator, sums.denominator
    if sums.bares == 1 and below is None and n is None:
        return _text(figure)
    if above is not None and below is not None and row.form == "ratio":
        return f"{_text(above)} / {_text(below)}"
    if above is not None and below is not None and row.form == "complement":
        return f"({_text(below)} - {_text(above)}) / {_text(below)}"
    top, bottom = _ends(definition, sums)
    if top is not None and bottom is not None:
        return f"100 * ({_text(top)} - {_text(bottom)}) / {n}"
    if row.form in ("mean", "score") and sums.total is not None and n:
        return _mean(definition, sums.total, n)
    return _text(figure)


def _mean(definition: Definition, total: Decimal, n: int) -> str:
    low, high = definition.scale_min, definition.scale_max
    if definition.row.form == "mean" or low is None or high is None:
        return f"{_text(total)} / {n}"
    return f"({_text(total)} / {n} - {low}) / ({high} - {low})"


def _text(number: Decimal) -> str:
    """Without an exponent and without zeros at the end; what is below 0 in brackets."""
    text = f"{EXACT.normalize(number):f}"
    return f"({text})" if text.startswith("-") else text
