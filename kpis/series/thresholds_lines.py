"""The lines of thresholds: numbers, or relative to the target, to a baseline or to an earlier figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, cast

from kpis.series.exact import EXACT, plain
from kpis.series.period import Period
from kpis.series.thresholds import Band, Relation
from service.errors import Issue

RELATIVE = tuple(f"{to}_{how}" for to in ("target", "baseline", "before") for how in ("times", "plus"))
_BELOW = Decimal("1E15")


@dataclass(slots=True)
class Given:
    """What lines may be relative to; relations and issues are added to as lines are read.

    open: some line is relative to a figure that is known only when a point is judged.
    """

    direction: str
    target: Decimal | Band | None
    baseline: Decimal | Period | None
    relations: list[Relation]
    issues: list[Issue]
    open: bool = False


def band(name: Literal["warn", "breach"], given: object, known: Given) -> Band | None:
    """Return a level's lines; one whose place is not known yet is None and a relation."""
    if given is None:
        return None
    if known.direction != "range":
        side: Literal["low", "high"] = "low" if known.direction == "up" else "high"
        line = _line(given, f"/{name}", name, side, known)
        return Band(low=line) if side == "low" else Band(high=line)
    sides = [side for side in ("low", "high") if isinstance(given, Mapping) and given.get(side) is not None]
    if not isinstance(given, Mapping) or not sides or set(given) - {"low", "high"}:
        known.issues.append(
            Issue(f"/{name}", "type", "With direction range: an object of low, high or both.")
        )
        return None
    lines = {
        side: _line(given[side], f"/{name}/{side}", name, cast("Literal['low', 'high']", side), known)
        for side in sides
    }
    return Band(lines.get("low"), lines.get("high"))


def _line(
    given: object,
    where: str,
    level: Literal["warn", "breach"],
    side: Literal["low", "high"],
    known: Given,
) -> Decimal | None:
    if not isinstance(given, Mapping):
        return number(given, where, known.issues)
    if len(given) != 1 or not set(given) <= set(RELATIVE):
        detail = f'A line is a number, or {{"target_times": number}} or another of {", ".join(RELATIVE)}.'
        known.issues.append(Issue(where, "type", detail))
        return None
    (name, by), *_ = given.items()
    to, how = cast("tuple[Literal['target', 'baseline', 'before'], str]", name.split("_"))
    amount = number(by, f"{where}/{name}", known.issues)
    figure: Any = getattr(known, to, None)
    if to == "target" and isinstance(figure, Band):
        figure = getattr(figure, side)
    if to != "before" and figure is None:
        detail = f"A line relative to the {to} needs a {to}."
        known.issues.append(Issue(where, f"{to}_required", detail))
        return None
    if amount is None:
        return None
    known.relations.append(Relation(level, side, to, how == "times", amount))
    if not isinstance(figure, Decimal):
        known.open = True
        return None
    return plain(EXACT.multiply(figure, amount) if how == "times" else EXACT.add(figure, amount))


def number(given: object, where: str, issues: list[Issue]) -> Decimal | None:
    """Return a JSON number exactly; of what is none, or too great, there is an issue."""
    if isinstance(given, bool) or not isinstance(given, (int, float, Decimal)):
        issues.append(Issue(where, "type", "Must be a number."))
        return None
    exact = Decimal(str(given))
    if not exact.is_finite() or abs(exact) >= _BELOW or len(exact.as_tuple().digits) > 18:
        issues.append(Issue(where, "out_of_range", "At most 18 digits, below 1e15 in size."))
        return None
    return plain(exact)
