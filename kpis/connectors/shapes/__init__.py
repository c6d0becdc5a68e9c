"""Shapes: what a provider's pages say only together, or with some arithmetic, as items for mappings. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kpis.connectors.shapes import mailchimp, stripe, surveymonkey, zendesk
from kpis.connectors.shapes.shape import Shape

SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        "mailchimp_reports": Shape(mailchimp.reports),
        "stripe_subscriptions": Shape(stripe.lives, stripe.months),
        "surveymonkey_answers": Shape(surveymonkey.answers),
        "zendesk_ratings": Shape(zendesk.ratings),
    }
)

__all__ = ["SHAPES", "Shape"]
