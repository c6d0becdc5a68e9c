"""The table of providers: name → proof, where messages say what they are, who makes the secret.

None of them was run against the vendor's servers (docs/guides/webhooks-in.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from service.providers import cloudevents
from service.providers.exchange import Exchange, Verdict
from service.providers.messages import Message, Reading, split
from service.providers.provider import Provider
from service.providers.rows import ROWS

ENVELOPES = ("plain", "cloudevents")
PROVIDERS: Mapping[str, Provider] = MappingProxyType({row.key: row for row in ROWS})


def messages_of(
    provider: Provider, envelope: str, reading: Reading | None, exchange: Exchange, verdict: Verdict
) -> list[Message]:
    """Return the messages of an accepted request. reading: the endpoint's own places. Raises as `split`."""
    if envelope == "cloudevents":
        return cloudevents.messages_of(exchange, verdict)
    return split(exchange, reading or provider.reading, verdict)
