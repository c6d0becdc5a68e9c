"""Shapes: what a provider's pages say only together, made into items that mappings can read. Pure.

A shape takes the parsed pages and the time that was asked about and returns documents.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from kpis.connectors.base import Window
from kpis.connectors.shapes import mailchimp, stripe, surveymonkey, zendesk

Shape = Callable[[Sequence[Any], Window], list[Any]]

SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        "mailchimp_reports": mailchimp.reports,
        "stripe_subscriptions": stripe.months,
        "surveymonkey_answers": surveymonkey.answers,
        "zendesk_ratings": zendesk.ratings,
    }
)

__all__ = ["SHAPES", "Shape"]
