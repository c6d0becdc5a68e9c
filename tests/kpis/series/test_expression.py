"""Expressions: read with their places, worked out exactly, null where anything is unknown."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.series.expression import Call, Node, Number, Ref, evaluate, references, renamed
from kpis.series.expression_text import MOST_CHARS, ExpressionError, parse_expression
from kpis.series.expression_unit import LITERAL, SHARE, UNKNOWN, Unit, expression_unit

FIGURES = {name: Decimal(figure) for name, figure in {"a": 6, "b": 4, "c": 5, "x-y": 3, "2xx": 7}.items()} | {
    "gone": None,
    "nil": Decimal(0),
}
LEAVES = st.one_of(
    st.integers(0, 999).map(lambda number: Number(Decimal(number))),
    st.sampled_from(["a", "b", "c", "x-y", "2xx", "min"]).map(lambda name: Ref(name, 0)),
)
NODES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda sign, a, b: Call(sign, (a, b), 0), st.sampled_from("+-*/"), inner, inner),
        st.builds(lambda a: Call("-", (a,), 0), inner),
        st.builds(
            lambda sign, found: Call(sign, tuple(found), 0),
            st.sampled_from(["min", "max"]),
            st.lists(inner, min_size=1, max_size=3),
        ),
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(a + b) / c", "2"),
        ("a + b / c", "6.8"),
        ("1 - b / c", "0.2"),
        ("a / (b + c) * 100", "66.666666666667"),
        ("a - b - c", "-3"),
        ("a / b / c", "0.3"),
        ("-a + -(b - c)", "-5"),
        ("max(a, b, 10) - min(c)", "5"),
        ("x-y * 2", "6"),
        ("a -b", "2"),
        ("{2xx} + { a }", "13"),
        ("0.1 + 0.2", "0.3"),
        ("a\n*\tb", "24"),
    ],
)
def test_what_an_expression_is(text, expected):
    assert evaluate(parse_expression(text), FIGURES).value == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a + gone", "missing_input"),
        ("0 * gone", "missing_input"),
        ("max(a, gone)", "missing_input"),
        ("a / nil", "division_by_zero"),
        ("nil / nil", "division_by_zero"),
        ("a / (b - 4)", "division_by_zero"),
        ("999999999999999 * a", "out_of_range"),
    ],
)
def test_unknown_stays_unknown(text, reason):
    result = evaluate(parse_expression(text), FIGURES)
    assert (result.value, result.reason) == (None, reason)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("", 0),
        ("a +", 3),
        ("a b", 2),
        ("(a + b", 6),
        ("a)", 1),
        ("a & b", 2),
        ("__import__('os')", 0),
        ("a ** b", 3),
        ("a.b(c)", 3),
        ("max()", 4),
        ("max", None),
        ("abs(a)", 3),
        ("1e5", 1),
        (".5", 0),
        ("a, b", 1),
        ("{a", 0),
        ("A", 0),
        ("a/*x*/b", 2),
        ("(" * 21 + "a" + ")" * 21, 21),
        ("-" * 30 + "a", 20),
        (" + ".join(["a"] * 80), 300),
        (" + ".join(f"a{one}" for one in range(13)), 0),
        ("a" * (MOST_CHARS + 1), MOST_CHARS),
        ("9" * 16, 15),
        ("a\x00b", 1),
        ("٣ + a", 0),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text, at):
    if at is None:  # a KPI may be called max, where no bracket follows
        assert parse_expression(text) == Ref("max", 0)
        return
    with pytest.raises(ExpressionError) as refused:
        parse_expression(text)
    assert refused.value.at == at


@given(NODES)
def test_what_is_written_reads_back_the_same(node):
    assert parse_expression(renamed(node, lambda ref: ref.name)) == node


@given(NODES)
def test_exact_fractions_agree(node):
    figures = {**FIGURES, "min": Decimal(2)}
    result = evaluate(node, figures)
    try:
        asked = exactly(node, figures)
    except ZeroDivisionError:
        assert result.value is None
        return
    if result.reason != "out_of_range":
        assert result.value is not None
        assert abs(Fraction(result.value) - asked) <= Fraction(1, 2 * 10**12)


def exactly(node: Node, figures: dict) -> Fraction:
    if isinstance(node, Number):
        return Fraction(node.value)
    if isinstance(node, Ref):
        return Fraction(figures[node.name])
    found = [exactly(operand, figures) for operand in node.operands]
    if node.sign in ("min", "max"):
        return min(found) if node.sign == "min" else max(found)
    if len(found) == 1:
        return -found[0]
    left, right = found
    return (
        {"+": left + right, "-": left - right, "*": left * right}.get(node.sign)
        if node.sign != "/"
        else left / right
    )


@given(st.text(st.sampled_from("ab1.-+*/(), {}xmin_\n'\"\\é\x00"), max_size=40))
def test_any_text_is_read_or_refused(text):
    place = None
    try:
        node = parse_expression(text)
        evaluate(node, {ref.name: Decimal(1) for ref in references(node)})
    except ExpressionError as refused:
        place = refused.at
    assert place is None or 0 <= place <= len(text)


EUR, USD = Unit("currency", "EUR"), Unit("currency", "USD")
UNITS = {
    "eur": EUR,
    "usd": USD,
    "n": Unit("count"),
    "calls": Unit("calls"),
    "s": Unit("seconds"),
    "share": SHARE,
    "nps": Unit("points"),
}


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("1 - share", SHARE),
        ("n / n", SHARE),
        ("n / calls", SHARE),
        ("eur / eur", SHARE),
        ("eur - eur", EUR),
        ("eur * share", EUR),
        ("n * share", Unit("count")),
        ("max(s, 0)", Unit("seconds")),
        ("eur / n", UNKNOWN),
        ("eur / usd", UNKNOWN),
        ("n + calls", UNKNOWN),
        ("n / n * 100", UNKNOWN),
        ("1 / n", UNKNOWN),
        ("2 * 3", LITERAL),
    ],
)
def test_the_unit_as_far_as_it_can_be_told(text, unit):
    assert expression_unit(parse_expression(text), UNITS) == unit


@pytest.mark.parametrize("text", ["eur + usd", "share + n", "s - eur", "max(nps, share)", "n + (s - calls)"])
def test_what_cannot_be_added(text):
    with pytest.raises(ExpressionError):
        expression_unit(parse_expression(text), UNITS)
