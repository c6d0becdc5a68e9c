"""What is measured of the first demo map: the real weekly figures of the service, carers_allowance.json.

Thresholds and bounds are the demo's own. Conversion is between steps that everybody passes; education,
employment and self-employment are asked only of those whom they concern.
"""

from __future__ import annotations

from typing import Any

from config.demo.carers import STEPS

# Steps that everybody passes, each with the one that its visitors come from, and the demo's own lines: below
# the first it is to be watched, below the second it is a breach.
MAIN_LINE = {
    "about-you": ("eligibility", 0.70, 0.66),
    "care-you-provide": ("about-you", 0.70, 0.65),
    "other-money": ("care-you-provide", 0.90, 0.85),
    "pay-details": ("other-money", 0.92, 0.85),
    "consent-and-declaration": ("other-money", 0.95, 0.90),
    "thank-you": ("consent-and-declaration", 0.95, 0.80),
}


def kpis() -> list[dict[str, Any]]:
    """Return the KPIs: visitors and time of each step, conversions, satisfaction, digital share.

    Those who declared are asked how it was, so satisfaction says how many of them answered. More than 58 of
    100 claims online is not plausible: by then the paper ones were not all counted.
    """
    weekly = {"period": "week", "zone": "UTC"}
    found: list[dict[str, Any]] = []
    for step in STEPS:
        found.append({"key": f"visitors-{step['key']}", "name": "Visitors", "kind": "visitors", **weekly})
        found.append({"key": f"time-{step['key']}", "name": "Time on page", "kind": "time_on_page", **weekly})
    for reached, (before, target, breach) in MAIN_LINE.items():
        found.append(
            {
                "key": f"conversion-{reached}",
                "name": "Got here",
                "kind": "ratio",
                "numerator_kpi": f"visitors-{reached}",
                "denominator_kpi": f"visitors-{before}",
                "direction": "up",
                "thresholds": {"target": target, "warn": target, "breach": breach, "recovery": 0.005},
                **weekly,
            }
        )
    found.append(
        {
            "key": "satisfaction",
            "name": "Satisfaction",
            "kind": "score",
            "scale_min": 1,
            "scale_max": 5,
            "invited_kpi": "visitors-consent-and-declaration",
            "thresholds": {"target": 0.85, "warn": 0.85, "breach": 0.8, "recovery": 0.005},
            **weekly,
        }
    )
    found.append(
        {
            "key": "digital-share",
            "name": "Claims made online",
            "kind": "share",
            "thresholds": {"target": 0.5, "warn": 0.5, "breach": 0.35},
            "plausibility": {"high": 0.58},
            **weekly,
        }
    )
    return found


def bindings() -> list[dict[str, Any]]:
    """Return which KPI is shown where."""
    found = []
    for step in STEPS:
        if step["key"] in MAIN_LINE:
            found.append({"element": step["key"], "kpi": f"conversion-{step['key']}"})
        found.append({"element": step["key"], "kpi": f"visitors-{step['key']}"})
        if step["key"] != "self-employment":  # the time on that page was not measured
            found.append({"element": step["key"], "kpi": f"time-{step['key']}"})
    found.append({"element": "thank-you", "kpi": "satisfaction"})
    found.append({"element": "consent-and-declaration", "kpi": "digital-share"})
    return found


def mappings() -> list[dict[str, Any]]:
    """Return how the feed's body becomes readings."""
    found: list[dict[str, Any]] = []
    times = {"start": "$.start", "end": "$.end"}
    for step in STEPS:
        key = step["key"]
        found.append(
            {
                "kpi": f"visitors-{key}",
                "items": f"$.visitors[?@.step == '{key}']",
                "value": "$.visitors",
                **times,
            }
        )
        found.append(
            {
                "kpi": f"time-{key}",
                "items": f"$.dwell[?@.step == '{key}']",
                "value": "$.seconds",
                "n": "$.users",
                **times,
            }
        )
    answers = {str(score): f"$.answers['{score}']" for score in range(1, 6)}
    found.append({"kpi": "satisfaction", "items": "$.satisfaction[*]", "distribution": answers, **times})
    found.append(
        {
            "kpi": "digital-share",
            "items": "$.claims[*]",
            "numerator": "$.digital",
            "denominator": "$.all",
            **times,
        }
    )
    return found
