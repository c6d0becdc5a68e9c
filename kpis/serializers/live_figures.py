"""Figures as a reader sees them: "62.3 %", "50.6 s", "14 min", "11 457", "−7.9"; pure.

Rounding is for display only; the JSON beside it has every digit. Groups of three are parted by a narrow
no-break space, so that no language reads a decimal comma into it.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

THIN = "\N{NARROW NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HUNDRED = Decimal(100)
# Durations: (seconds in one, below how many seconds it is the unit to read, its sign).
_DURATIONS = (
    (Decimal(1), Decimal(100), "s"),
    (Decimal(60), Decimal(6000), "min"),
    (Decimal(3600), Decimal(172800), "h"),
)
_DAY = Decimal(86400)
_SIGNS = {"count": "", "points": "", "score": "", "ratio": ""}
# Currencies without a minor unit in daily use.
_WHOLE_MONEY = frozenset("CLP ISK JPY KRW PYG UGX VND XAF XOF XPF".split())  # noqa: SIM905
_PERIOD = re.compile(
    r"(?P<year>\d{4})(?:-(?:Q(?P<quarter>\d)|W(?P<week>\d\d)|(?P<month>\d\d)(?:-(?P<day>\d\d)(?:T(?P<hour>\d\d).*)?)?))?"
)


def figure(value: Decimal, unit: str, currency: str | None = None) -> str:
    """Return a figure with its unit: 0.623 fraction → "62.3 %"."""
    text, sign = _parts(value, unit, currency)
    return f"{text}{THIN}{sign}" if sign else text


def change(delta: Decimal, unit: str, currency: str | None = None, *, of: Decimal | None = None) -> str:
    """Return a change with its sign, in the measure of the figure `of` that it belongs to: "−7.9"."""
    size = abs(delta)
    if unit == "seconds":
        per, _ = _duration(abs(of) if of is not None else size)
        text = _rounded(size / per, 1)
    else:
        text, _ = _parts(size, unit, currency)
    if not any(digit in "123456789" for digit in text):
        return "±0"
    return f"{MINUS if delta < 0 else '+'}{text}"


def whole(number: int | Decimal) -> str:
    """Return a count in groups of three: 11457 → "11 457"."""
    return f"{int(number):,}".replace(",", THIN).replace("-", MINUS)


def period_name(label: str) -> str:
    """Return a period's label in words: 2026-10 → "Oct 2026", 2014-W22 → "week to 1 Jun 2014"."""
    found = _PERIOD.fullmatch(label)
    if found is None:
        return label
    year = int(found["year"])
    if found["quarter"]:
        return f"Q{found['quarter']} {year}"
    if found["week"]:
        return f"week to {_day(date.fromisocalendar(year, int(found['week']), 1) + timedelta(days=6))}"
    if found["day"]:
        named = _day(date(year, int(found["month"]), int(found["day"])))
        return f"{named}, {found['hour']}:00" if found["hour"] else named
    return f"{_MONTHS[int(found['month']) - 1]} {year}" if found["month"] else str(year)


def _day(value: date) -> str:
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def _parts(value: Decimal, unit: str, currency: str | None) -> tuple[str, str]:
    """The number as text, and the sign of its unit."""
    if unit in ("fraction", "percent"):
        return _percent(value * _HUNDRED if unit == "fraction" else value), "%"
    if unit == "seconds":
        per, sign = _duration(abs(value))
        return _rounded(value / per, 0 if sign == "min" and abs(value) >= 600 else 1), sign
    if unit == "currency":
        places = 0 if currency in _WHOLE_MONEY or abs(value) >= 10_000 else 2
        return _rounded(value, places, keep=True), currency or ""
    if unit in ("count", "points") or value == value.to_integral_value():
        return _rounded(value, 1), _SIGNS.get(unit, unit)
    return _rounded(value, 2), _SIGNS.get(unit, unit)


def _duration(seconds: Decimal) -> tuple[Decimal, str]:
    for per, below, sign in _DURATIONS:
        if seconds < below:
            return per, sign
    return _DAY, "d"


def _percent(value: Decimal) -> str:
    """One digit after the point; of a share below that its first two, as it is not nothing."""
    if 0 < abs(value) < Decimal("0.05"):
        return f"{Decimal(f'{value:.2g}'):f}".replace("-", MINUS)
    return _rounded(value, 1, keep=True)


def _rounded(value: Decimal, places: int, *, keep: bool = False) -> str:
    """Rounded half to even and grouped; a whole number shows no ".0" unless it is kept or was rounded."""
    shown = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
    if not keep and value == value.to_integral_value():
        shown = value.to_integral_value()
    return f"{shown + 0:,f}".replace(",", THIN).replace("-", MINUS)


def coverage_said(judged: int, of: int, without_rules: int) -> str:
    """Return what a standing rests on: "6 of 8 judged, 3 without limits". JSON has the exact counts."""
    if of:
        said = f"{judged} of {of} judged"
        return f"{said}, {without_rules} without limits" if without_rules else said
    if without_rules:
        return (
            "1 figure, without limits" if without_rules == 1 else f"{without_rules} figures, none with limits"
        )
    return "no figures"
