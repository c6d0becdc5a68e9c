"""What hangs below a map, whatever versions once said: each map once, in one order, and never in a circle."""

from __future__ import annotations

from uuid import UUID

from journeys.queries.tactical import Below, hanging


def name(number: int) -> UUID:
    return UUID(int=number)


TOP, ONE, TWO, DEEP = map(name, (1, 2, 3, 4))
AT_TOP, AT_ONE, AT_DEEP, LOST = map(name, (11, 12, 14, 99))
MAP_OF = {AT_TOP: TOP, AT_ONE: ONE, AT_DEEP: DEEP}


def test_what_hangs_below_goes_by_the_map_at_the_touchpoint() -> None:
    hung = {TWO: AT_TOP, DEEP: AT_ONE, ONE: AT_TOP}
    assert hanging(TOP, hung, MAP_OF) == [
        Below(ONE, ONE, AT_TOP),
        Below(DEEP, ONE, AT_TOP),
        Below(TWO, TWO, AT_TOP),
    ]
    assert hanging(ONE, hung, MAP_OF) == [Below(DEEP, DEEP, AT_ONE)]
    assert hanging(DEEP, hung, MAP_OF) == []


def test_a_touchpoint_that_is_gone_holds_nothing() -> None:
    assert hanging(TOP, {ONE: LOST}, MAP_OF) == []


def test_a_circle_ends_where_it_began() -> None:
    hung = {ONE: AT_DEEP, DEEP: AT_ONE, TOP: AT_ONE}
    assert hanging(TOP, hung, MAP_OF) == []
    assert hanging(ONE, hung, MAP_OF) == [Below(TOP, TOP, AT_ONE), Below(DEEP, DEEP, AT_ONE)]
