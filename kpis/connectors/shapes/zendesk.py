"""Zendesk's satisfaction ratings, each as a part of a share. Pure.

A score is good or bad, with or without a comment (good_with_comment in older answers); unoffered and offered
are no answers. Source: API reference, Satisfaction Ratings.
"""

from __future__ import annotations

from typing import Any

from kpis.connectors.base import PullFailed, Window


def ratings(page: Any, lookup: None, window: Window) -> list[Any]:
    """Return the page's ratings that were given, each with `good` (0 or 1) and `rated` (1)."""
    listed = page.get("satisfaction_ratings") if isinstance(page, dict) else None
    if not isinstance(listed, list):
        raise PullFailed("`satisfaction_ratings` is missing: is this Zendesk?", permanent=True)
    found = []
    for rating in listed:
        word = str(rating.get("score", "")).partition("_")[0] if isinstance(rating, dict) else ""
        if word in ("good", "bad"):
            found.append({**rating, "good": int(word == "good"), "rated": 1})
    return found
