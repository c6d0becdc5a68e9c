"""Plain paths are walked by ourselves: what they select and cost is what the library selects and costs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.connectors import paths
from kpis.connectors.paths import TooMuchWork, compiled, find_all, find_one, metered

names = st.sampled_from(["a", "b", "data", "é", "0"])
steps = st.one_of(
    names.map(lambda name: f"['{name}']"),
    names.filter(str.isidentifier).map(lambda name: f".{name}"),
    st.integers(-3, 3).map(lambda index: f"[{index}]"),
)
plain = st.builds(
    lambda steps, each: "$" + "".join(steps) + each,
    st.lists(steps, max_size=4),
    st.sampled_from(["", "[*]", ".*"]),
)
bodies = st.recursive(
    st.sampled_from([None, True, 1, "text", "[1]"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=30,
)


def spent(select: Any, budget: int) -> Any:
    with metered(budget):
        try:
            found = select()
        except TooMuchWork:
            return "too much"
        return found, paths._meter.get().left


@given(plain, bodies.filter(lambda body: isinstance(body, (dict, list))), st.integers(0, 12))
def test_a_plain_path_selects_and_costs_what_it_does_in_the_library(
    path: str, body: Any, budget: int
) -> None:
    assert paths._steps(path) is not None

    def library() -> list[Any]:
        return [match.obj for match in compiled(path).finditer(body)]

    assert spent(lambda: find_all(path, body, 1000), budget) == spent(library, budget)
    first = spent(lambda: next((match.obj for match in compiled(path).finditer(body)), None), budget)
    assert spent(lambda: find_one(path, body), budget) == first


@pytest.mark.parametrize("path", ["$..a", "$[*].a", "$['a','b']", "$[1:]", "$[?@.a]", "$.a[*][*]"])
def test_other_paths_are_the_library_s(path: str) -> None:
    assert paths._steps(path) is None
