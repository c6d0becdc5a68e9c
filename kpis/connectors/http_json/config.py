"""What an `http_json` source is told."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from kpis.connectors.calls import CallIn, check_url
from kpis.connectors.fields import PathField
from kpis.connectors.shapes import SHAPES
from service.fields import StrictChar, StrictInteger
from service.serializers import Part

WAYS = ("link", "next", "cursor", "page", "offset")
# Of one question, read in as many pulls as it takes; and of one pull.
MAX_PAGES = 10_000
PAGES_OF_A_PULL = 200
MAX_FOLLOWED = 200


class PagingIn(Part):
    """How further pages are asked for.

    link: by the Link header's rel=next. next: by a URL in the body. cursor: by a text in the body, sent as a
    parameter. page, offset: by a number that grows, until a page has no more items.
    """

    by = serializers.ChoiceField(WAYS)
    parameter = StrictChar(required=False, max_length=100, help_text="Where cursor, page or offset is sent.")
    cursor = PathField(required=False, help_text="Of the cursor, or with `next` of the URL.")
    more = PathField(required=False, help_text="Of what is false or null on the last page.")
    items = PathField(required=False, help_text="Of the items, for page and offset: none on a page ends it.")
    first = StrictInteger(required=False, min_value=0, max_value=1_000_000, help_text="1, or 0 for offset.")
    size = StrictInteger(
        required=False, min_value=1, max_value=10_000, help_text="A page with fewer items is the last."
    )
    max_pages = StrictInteger(
        required=False, min_value=1, max_value=MAX_PAGES, help_text="With `follow` 200 at the most."
    )

    def validate(self, paging: dict[str, Any]) -> dict[str, Any]:
        needed = {
            "next": ("cursor",),
            "cursor": ("cursor", "parameter"),
            "page": ("parameter", "items"),
            "offset": ("parameter", "items", "size"),
        }
        if missing := [name for name in needed.get(paging["by"], ()) if name not in paging]:
            raise serializers.ValidationError(
                {name: [f"Paging by {paging['by']} needs it."] for name in missing}, code="required"
            )
        return paging


class LeadIn(Part):
    """Where an item leads: `path` gives a URL of the same host, or what stands for {} in `url`."""

    path = PathField(required=False, help_text="Relative to the item; the item itself when left out.")
    url = StrictChar(required=False, max_length=2000, help_text="https://host/things/{}/details")

    def validate_url(self, url: str) -> str:
        if url.count("{}") != 1 or "{}" in url.partition("://")[2].partition("/")[0]:
            raise serializers.ValidationError("Must have one {} after the host.", code="template")
        return url


class FollowIn(LeadIn):
    """A further call per item of the pages."""

    items = PathField(help_text="Where the items are in each page.")
    max_items = StrictInteger(required=False, min_value=1, max_value=MAX_FOLLOWED)


class HttpJsonConfigIn(CallIn):
    """config of the type `http_json`."""

    lookup = StrictChar(
        required=False, max_length=2000, help_text="Called first; its body comes first to the shape."
    )
    paging = PagingIn(required=False)
    follow = FollowIn(required=False)
    shape = serializers.ChoiceField(
        sorted(SHAPES), required=False, help_text="Makes items of what a provider's pages say together."
    )

    def validate_lookup(self, url: str) -> str:
        return check_url(url)

    def validate(self, config: dict[str, Any]) -> dict[str, Any]:
        if "lookup" in config and "shape" not in config:
            raise serializers.ValidationError({"lookup": ["Only a shape reads it."]}, code="one_of")
        if "shape" in config and "follow" in config:
            raise serializers.ValidationError({"follow": ["A shape follows nothing."]}, code="one_of")
        return config
