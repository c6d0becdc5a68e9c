"""Every method and every form in which a reading may come: what fits counts, the rest is refused.

The expected figures are worked out here from the formula, answer by answer, not by the sums.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from kpis.series.definition import Definition, defaults
from kpis.series.definition_check import check_definition
from kpis.series.intake import Observed, observe
from kpis.series.kinds import METHODS
from kpis.series.method import Method
from kpis.series.reading_in import ReadingIn
from kpis.series.sums import Sums, combine, of_columns, of_counts
from kpis.series.value import emotion, value

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
HISTORY = datetime(2000, 1, 1, tzinfo=UTC)
ROWS = [pytest.param(key, row, id="-".join(key)) for key, row in METHODS.items()]
SPOKEN = {"hour": "2026-10-05T09", "day": "2026-10-05", "week": "2026-W41", "month": "2026-10"}


def made(key: tuple[str, str], **fields: object) -> Definition:
    plain = defaults(*key)
    if plain.unit == "currency":
        fields["currency"] = "EUR"
    elif not plain.unit:
        fields["unit"] = "requests"
    return replace(plain, **fields)


def sent(definition: Definition, *items: dict[str, object]) -> Sums | set[tuple[str, str]]:
    """The sums of what is recorded of the items, or the first refusal."""
    parts = []
    for number, item in enumerate(items):
        when: dict[str, object] = {"observed_at": datetime(2026, 10, 5, 9, number, tzinfo=UTC)}
        if definition.holds == "events":
            when["external_id"] = f"a{number}"
        elif definition.period is not None:
            when = {"period": SPOKEN[definition.period]}
        found = observe(definition, ReadingIn(kpi="k", **when, **item), at=AT, history_from=HISTORY)
        if not isinstance(found, Observed):
            return {(issue.pointer, issue.code) for issue in found}
        assert found.span is not None
        parts.append(
            of_counts(definition, found.counts)
            if found.counts is not None
            else of_columns(
                definition, found.span.end, found.value, found.numerator, found.denominator, found.n
            )
        )
    return combine(parts)


def figure(definition: Definition, *items: dict[str, object]) -> Decimal | None:
    sums = sent(definition, *items)
    assert isinstance(sums, Sums), sums
    return value(definition, sums)


def a_value(definition: Definition) -> Decimal:
    """A figure inside the bounds."""
    low, high = definition.lower, definition.upper
    if low is None or high is None:
        return Decimal(4)
    return (low + high) / 2


def by_formula(row: Method, answers: list[int], low: int, high: int) -> Fraction:
    """What the formula says of single answers."""
    n = len(answers)
    top = sum(answer > high - row.top for answer in answers)
    if row.form == "ratio":
        return Fraction(top, n)
    if row.form == "balance":
        return Fraction(100 * (top - sum(answer < low + row.bottom for answer in answers)), n)
    mean = Fraction(sum(answers), n)
    return mean if row.form == "mean" else (mean - low) / (high - low)


def same(found: Decimal | None, expected: Fraction) -> bool:
    return found is not None and abs(Fraction(found) - expected) < Fraction(1, 10**11)


@pytest.mark.parametrize(("key", "row"), ROWS)
def test_a_figure_as_value(key, row):
    definition = made(key)
    if row.form == "of_kpis":
        assert sent(definition, {"value": 1}) == {("", "computed")}
        return
    given = a_value(definition)
    item = {"value": given} | ({"unit": "fraction"} if definition.unit == "fraction" else {})
    assert figure(definition, item) == given
    if definition.unit == "fraction":
        assert figure(definition, {"value": 100 * given, "unit": "percent"}) == given
        assert sent(definition, {"value": given}) == {("/unit", "unit_required")}
    if definition.upper is not None:
        beyond = {**item, "value": definition.upper + 1}
        assert sent(definition, beyond) == {("/value", "out_of_bounds")}


@pytest.mark.parametrize(("key", "row"), ROWS)
def test_numerator_and_denominator(key, row):
    item = {"numerator": 3, "denominator": 8}
    if "parts" not in row.inputs:
        expected = {("", "computed")} if row.form == "of_kpis" else {("/numerator", "not_taken")}
        assert sent(made(key), item) == expected
        return
    definition = made(key, input="parts")
    assert check_definition(definition) == []
    share = Decimal("0.625") if row.form == "complement" else Decimal("0.375")
    assert figure(definition, item) == share
    assert figure(definition, {"numerator": 0, "denominator": 0}) is None
    if row.form == "ratio" and row.upper == 1:
        assert sent(definition, {"numerator": 9, "denominator": 8}) == {("/numerator", "above_denominator")}
    if row.n_is_denominator:
        assert sent(definition, {**item, "n": 7}) == {("/n", "n_mismatch")}
    events = made(key, input="parts", holds="events")
    assert figure(events, {"numerator": 1, "denominator": 4}, {"numerator": 2, "denominator": 4}) == share


@pytest.mark.parametrize(("key", "row"), ROWS)
def test_a_distribution_and_the_same_answers_one_by_one(key, row):
    if row.scale is None:
        expected = {("", "computed")} if row.form == "of_kpis" else {("/distribution", "not_taken")}
        assert sent(made(key), {"distribution": {"3": 1}}) == expected
        return
    low, high = row.scale
    answers = [low, low + 1, high, high, high - 1, low + 2, high]
    asked = by_formula(row, answers, low, high)
    definition = made(key, input="distribution")
    counts = {str(step): answers.count(step) for step in set(answers)}
    assert same(figure(definition, {"distribution": counts}), asked)
    assert sent(definition, {"distribution": {str(high + 1): 1}}) == {
        (f"/distribution/{high + 1}", "out_of_scale")
    }
    one_by_one = made(key, input="answers", holds="events")
    assert same(figure(one_by_one, *({"value": answer} for answer in answers)), asked)
    assert sent(one_by_one, {"value": high + 1}) == {("/value", "out_of_scale")}


@pytest.mark.parametrize(("key", "row"), ROWS)
def test_single_values_as_events(key, row):
    definition = made(key, input="value", holds="events")
    if "events" not in row.holds or "value" not in row.inputs or row.scale is not None:
        return
    if row.form not in ("mean", "quantile", "sum", "last"):
        assert ("/holds", "holds") in {(one.pointer, one.code) for one in check_definition(definition)}
        return
    low = definition.lower or Decimal(0)
    given = [low + step for step in ((0, 0, 1, 2) if definition.upper == 1 else (1, 2, 3, 10))]
    expected = {
        "mean": sum(given) / 4,
        "sum": sum(given),
        "last": given[-1],
    }
    if row.quantile is not None:
        place = 3 * row.quantile
        below = int(place)
        expected["quantile"] = given[below] + (place - below) * (given[below + 1] - given[below])
    assert figure(definition, *({"value": one} for one in given)) == expected[row.form]


@pytest.mark.parametrize(("key", "row"), ROWS)
def test_answers_to_a_questionnaire(key, row):
    events = made(key, holds="events")
    best, worst = [5, 1] * 5, [1, 5] * 5
    if not row.questions:
        found = sent(events, {"answers": best})
        assert found == {("/answers", "not_taken")}
        return
    # 3 + 3 + 2 + 1 + 0 of the odd questions, 4 + 3 + 0 + 2 + 4 of the even ones
    assert figure(events, {"answers": [4, 1, 4, 2, 3, 5, 2, 3, 1, 1]}) == 55
    assert figure(events, {"answers": best}, {"answers": worst}) == 50
    assert figure(events, {"answers": [3] * 10}) == 50
    assert figure(events, {"answers": best}) == 100
    assert sent(events, {"answers": best[:9]}) == {("/answers", "count")}
    assert sent(events, {"answers": [*best[:9], 6]}) == {("/answers/9", "out_of_scale")}
    assert sent(events, {"answers": [True, *best[1:]]}) == {("/answers/0", "out_of_scale")}
    assert sent(events, {"answers": best, "value": 3}) == {("/value", "ambiguous")}
    assert sent(made(key), {"answers": best}) == {("/answers", "not_taken")}


@pytest.mark.parametrize(("key", "row"), ROWS)
def test_bounds_map_to_how_it_feels(key, row):
    definition = made(key)
    if not row.felt:
        assert emotion(definition, Decimal(1)) is None
        return
    ends = [emotion(definition, end) for end in (definition.lower, definition.upper)]
    assert ends == ([1, -1] if row.direction == "down" else [-1, 1])
    assert emotion(definition, a_value(definition)) == 0


def test_a_median_is_not_made_of_medians():
    median = made(("resolution_time", "median"))
    assert sent(median, {"value": 60}) == Sums(bare=Decimal(60), bares=1)
    both = combine([of_columns(median, AT, Decimal(value), None, None, 9) for value in (60, 90)])
    assert value(median, both) is None
    refused = observe(
        median, ReadingIn(kpi="k", period="2026-10-05", value=60, n=9), at=AT, history_from=HISTORY
    )
    assert isinstance(refused, list)
    assert [(issue.pointer, issue.code) for issue in refused] == [("/value", "no_parts")]
    assert "single values" in refused[0].detail
