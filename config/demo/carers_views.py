"""Who sees what of the first demo map: whoever sells the service, whoever builds it, and everybody."""

from __future__ import annotations

from typing import Any

from config.demo.carers_measures import MAIN_LINE

_CONVERSIONS = [f"conversion-{step}" for step in MAIN_LINE]

VIEWS: list[dict[str, Any]] = [
    {
        "key": "carers-for-sales",
        "name": "For salespeople",
        # What it is like for the carer and how many come through; not what is promised to be mended.
        "lanes": ["actions", "thoughts", "gains", "quotes", "emotions"],
        "kpis": [*_CONVERSIONS, "satisfaction"],
        "redact": ["owner", "importance", "review", "target", "running"],
        "back_stage": False,
    },
    {
        "key": "carers-for-engineers",
        "name": "For engineers",
        # Where it breaks, and since when; nobody's feelings.
        "lanes": ["actions", "pains", "opportunities", "links"],
        "redact": ["quote", "goals", "needs", "frustrations"],
        "history": True,
    },
    {
        "key": "carers-public",
        "name": "Public",
        "lanes": ["actions", "gains", "emotions"],
        "personas": [],
        "kpis": ["satisfaction"],
        "redact": ["owner", "importance", "attributes", "review", "target", "trend"],
        "back_stage": False,
    },
]
