"""Inbound endpoints and their messages, in and out."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from kpis.serializers.inbound_rules import FetchIn, RuleIn, check_fetch
from service.fields import StrictBoolean, StrictChar, StrictInteger, StrictList
from service.providers.hmacs import ALGORITHMS, ENCODINGS, TOLERANCE_S, UNITS, check_template
from service.providers.messages import is_place
from service.providers.provider import MAX_SECRET
from service.providers.table import ENVELOPES, PROVIDERS
from service.serializers import READ_ONLY, In, Part, ResourceIn, ResourceOut

_HEADER = r"^[A-Za-z0-9-]{1,100}\Z"


class HeaderName(serializers.RegexField):
    """The name of a header, in any case."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(_HEADER, max_length=100, trim_whitespace=False, **kwargs)


class VerificationIn(Part):
    """How this endpoint's sender proves itself, for providers that leave it open: hmac, header, postmark."""

    header = HeaderName(required=False, help_text="Where the signature or the secret stands.")
    prefix = StrictChar(required=False, max_length=50, allow_blank=True, help_text="Before it: `sha256=`.")
    algorithm = serializers.ChoiceField(ALGORITHMS, required=False, help_text="sha256 when left out.")
    encoding = serializers.ChoiceField(ENCODINGS, required=False, help_text="hex when left out.")
    signed = StrictChar(
        required=False,
        max_length=200,
        help_text="What is signed, of {body}, {timestamp}, {id}, {method}, {url}; {body} when left out.",
    )
    timestamp_header = HeaderName(required=False)
    timestamp_unit = serializers.ChoiceField(UNITS, required=False, help_text="s when left out.")
    tolerance_s = StrictInteger(
        required=False, min_value=1, max_value=86400, help_text=f"{TOLERANCE_S} when left out."
    )
    id_header = HeaderName(required=False, help_text="Where the id stands that {id} names.")

    def validate_signed(self, signed: str) -> str:
        if wrong := check_template(signed):
            raise serializers.ValidationError(wrong, code="bad_template")
        return signed

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        signed = said.get("signed", "")
        for part in ("timestamp", "id"):
            if f"{{{part}}}" in signed and f"{part}_header" not in said:
                raise serializers.ValidationError({f"{part}_header": ["It is signed: name its header."]})
        return said


class Place(StrictChar):
    """A JSON Pointer (RFC 6901) into a message, or `header:Name`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=300, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        place = super().to_internal_value(data)
        if not is_place(place):
            raise serializers.ValidationError("Use a JSON Pointer (/data/id) or header:Name.", "bad_place")
        return place


class EventPlacesIn(Part):
    """Where messages say what they are; what is left out is as the provider has it."""

    id = StrictList(
        child=Place(), required=False, min_length=1, max_length=5, help_text="Together they name a message."
    )
    type = Place(required=False)
    time = Place(required=False)
    batch = StrictBoolean(required=False, help_text="An array is several messages.")


class EndpointIn(ResourceIn):
    echoes = READ_ONLY | {
        "url",
        "awaiting_secret",
        "fetch_secret_set",
        "rules_version",
        "unmatched_rate",
        "unmatched_rate_estimated",
        "held",
        "last_event_at",
        "last_rejected_at",
        "last_rejection",
        "previous_secret_expires_at",
    }
    name = StrictChar(max_length=200)
    provider = serializers.ChoiceField(
        sorted(PROVIDERS), required=False, default="standard_webhooks", help_text="Stays as it was created."
    )
    envelope = serializers.ChoiceField(ENVELOPES, required=False, default="plain")
    verification = VerificationIn(required=False)
    event = EventPlacesIn(required=False)
    fetch = FetchIn(required=False)
    fetch_secret = StrictChar(
        required=False,
        max_length=MAX_SECRET,
        write_only=True,
        help_text="Sent with what is fetched, never shown. Left out, it stays; null takes it out.",
    )
    rules = StrictList(child=RuleIn(), min_length=1, max_length=100)
    enabled = StrictBoolean(required=False, default=True)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        provider = PROVIDERS[values["provider"]]
        said = values.get("verification") or {}
        if others := sorted(set(said) - set(provider.settings)):
            detail = f"{provider.title} has its own way."
            raise serializers.ValidationError({"verification": {others[0]: [detail]}}, code="not_taken")
        if provider.verify is None and "header" not in said:
            raise serializers.ValidationError(
                {"verification": {"header": ["Name the header."]}}, code="required"
            )
        check_fetch(values.get("fetch") or {}, values["rules"], values.get("fetch_secret"))
        return values


class EndpointCreateIn(EndpointIn):
    echoes = EndpointIn.echoes - {"awaiting_secret"}
    secret = StrictChar(
        required=False,
        max_length=MAX_SECRET,
        write_only=True,
        help_text="The provider's own; never shown. Left out, we make one where the provider takes ours.",
    )
    awaiting_secret = StrictBoolean(
        required=False, default=False, help_text="Hold messages until the secret is set; make none."
    )

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if values["awaiting_secret"] and "secret" in values:
            raise serializers.ValidationError({"awaiting_secret": ["The secret is here."]}, code="one_of")
        return super().validate(values)


class EndpointOut(ResourceOut):
    name = serializers.CharField()
    provider = serializers.CharField()
    envelope = serializers.CharField(help_text="plain or cloudevents.")
    verification = serializers.DictField()
    event = serializers.DictField()
    fetch = serializers.DictField(allow_null=True, help_text="How what messages lead to is asked for.")
    fetch_secret_set = serializers.BooleanField()
    awaiting_secret = serializers.BooleanField(help_text="Messages are held until the secret is set.")
    rules = serializers.ListField(child=serializers.DictField())
    rules_version = serializers.IntegerField()
    enabled = serializers.BooleanField()
    previous_secret_expires_at = serializers.DateTimeField(
        allow_null=True, help_text="Until then the former secret verifies too."
    )
    held = serializers.IntegerField(help_text="Requests that wait for the secret, or were refused by it.")
    unmatched_rate = serializers.FloatField(
        allow_null=True,
        help_text="Share of the messages read in the last 7 days of which no rule took anything, or "
        "only numerators whose denominators came neither by this endpoint nor by any other way.",
    )
    unmatched_rate_estimated = serializers.BooleanField(
        help_text="More than 1,000 messages wait by what this endpoint told: of the latest 1,000 was looked "
        "up which were matched by other ways since, and unmatched_rate takes their share for that of all."
    )
    last_event_at = serializers.DateTimeField(allow_null=True)
    last_rejected_at = serializers.DateTimeField(allow_null=True)
    last_rejection = serializers.CharField(help_text="Why the last refused message was refused.")


class EndpointSecretOut(EndpointOut):
    url = serializers.CharField(help_text="Post to it; shown once, as its path is a secret.")
    secret = serializers.CharField(
        allow_null=True, help_text="Signs the messages; shown once. Null: yours, awaited, or none."
    )


class SecretOut(serializers.Serializer[Any]):
    secret = serializers.CharField(allow_null=True, help_text="Shown once; null where you sent it.")
    previous_secret_expires_at = serializers.DateTimeField(allow_null=True)


class UrlOut(serializers.Serializer[Any]):
    url = serializers.CharField(help_text="Shown once.")
    previous_url_expires_at = serializers.DateTimeField()


class OverlapIn(In):
    echoes = frozenset()
    overlap_seconds = StrictInteger(required=False, default=86400, min_value=0, max_value=7 * 86400)


class SecretIn(OverlapIn):
    secret = StrictChar(
        required=False,
        max_length=MAX_SECRET,
        write_only=True,
        help_text="The provider's own. Left out, we make one where the provider takes ours.",
    )


class EndpointTestIn(In):
    echoes = frozenset()
    body = serializers.JSONField(help_text="A message as the sender would post it.")


class RulesOut(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    rules = serializers.ListField(child=serializers.DictField())
    created_at = serializers.DateTimeField()


class ProviderOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    proof = serializers.CharField(help_text="How its messages are verified.")
    secret = serializers.CharField(help_text="ours: we make it; theirs: set it; none: the URL is the secret.")
    verification = serializers.ListField(
        child=serializers.CharField(), help_text="What an endpoint may say for itself."
    )
    judged_by = serializers.CharField(help_text="What stood in for the vendor in our tests.")


class ProvidersOut(serializers.Serializer[Any]):
    results = ProviderOut(many=True)
