"""A map copied with its KPIs."""

from __future__ import annotations

from journeys.serializers.copies import CopyIn
from service.fields import StrictBoolean


class CopyWithBindingsIn(CopyIn):
    with_bindings = StrictBoolean(
        required=False,
        default=False,
        help_text="Whether what is bound to the original is bound to the copy, from now on.",
    )
