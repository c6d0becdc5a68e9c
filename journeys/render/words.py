"""The renderer's own words: lanes, channels, evidence, days. Everything else is the map's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType

from journeys.document import vocabularies

from .mark import Verdict

CHANNELS: Mapping[str, str] = MappingProxyType({c.key: c.label for c in vocabularies.CHANNELS})
VERDICTS: Mapping[Verdict, str] = MappingProxyType({"better": "better", "worse": "worse", "flat": "steady"})

IMPROVED = "✦"
STAR = "M0 -6.5L1.7 -1.7L6.5 0L1.7 1.7L0 6.5L-1.7 1.7L-6.5 0L-1.7 -1.7Z"
"""The sign of an improvement, in words and drawn about 0 0: none that a status has."""

_EVIDENCE: Mapping[str, str] = MappingProxyType(
    {"observed": "observed", "self_reported": "said so", "measured": "measured"}
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PERIODS = ((31_557_600, "year"), (2_629_800, "month"), (604_800, "week"), (86_400, "day"), (3_600, "hour"))


def plain(slug: str) -> str:
    """Return a slug as a reader would write it: "mobile-app" → "Mobile app"."""
    words = slug.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def channel(slug: str, labels: Mapping[str, str]) -> str:
    """Return the word for a channel: the workspace's, else the shipped one, else the slug made plain."""
    return labels.get(slug) or CHANNELS.get(slug) or plain(slug)


def evidence(slug: str) -> str:
    """Return what a statement rests on, or "" where nobody checked: the rule needs no tag."""
    return "" if slug in ("", "assumed") else _EVIDENCE.get(slug, plain(slug).lower())


def day(value: date) -> str:
    """Return a calendar day as "2 Jun 2014"."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def instant(value: datetime) -> str:
    """Return an instant as "2 Jun 2014, 14:05 UTC", in the zone that it carries."""
    return f"{day(value)}, {value:%H:%M} {value.tzname() or ''}".rstrip()


def share(value: float) -> str:
    """Return a share 0..1 as a whole percentage."""
    return f"{round(value * 100)} %"


def feeling(value: float) -> str:
    """Return a normalised emotion, −1..+1, with its sign and one digit: "−0.6"."""
    rounded = round(value, 1)
    return "0" if rounded == 0 else f"{'+' if rounded > 0 else '−'}{abs(rounded):.1f}"


def figure(value: float) -> str:
    """Return a plain figure with a true minus: −2, 0.5."""
    return f"{value:g}".replace("-", "−")


def duration(seconds: float) -> str:
    """Return a duration in its largest fitting unit: 5400 → "1.5 hours"."""
    for size, unit in _PERIODS:
        if seconds >= size:
            return _amount(seconds / size, unit)
    return _amount(seconds / 60, "minute") if seconds >= 60 else _amount(seconds, "second")


def _amount(value: float, unit: str) -> str:
    text = f"{value:.1f}".removesuffix(".0")
    return f"{text} {unit}{'' if text == '1' else 's'}"
