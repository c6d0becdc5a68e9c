"""What senders are told of the ingress: a plain view, so it is declared here."""

from __future__ import annotations

from typing import Any

from service.openapi import plain_operation


def _header(name: str, about: str) -> dict[str, Any]:
    return {
        "in": "header",
        "name": name,
        "required": True,
        "description": about,
        "schema": {"type": "string"},
    }


RECEIVE = plain_operation(
    "receiveWebhook",
    "Post a signed message to an inbound endpoint",
    tag="Inbound endpoints",
    description=(
        "Standard Webhooks: `webhook-signature` signs `{webhook-id}.{webhook-timestamp}.{body}` with the "
        "endpoint's secret. The message is stored before it is acknowledged and read afterwards; a repeated "
        "`webhook-id` is acknowledged and counts once. 5 minutes of clock difference are tolerated."
    ),
    parameters=[
        _header("webhook-id", "Names the message, the same in every attempt to send it."),
        _header("webhook-timestamp", "Seconds since 1970 of this attempt."),
        _header("webhook-signature", "`v1,` and the signature in Base64; several are parted by spaces."),
    ],
    body={"description": "Any JSON: the endpoint's rules say what of it is a reading."},
    answers={
        202: (
            "Stored.",
            {
                "type": "object",
                "properties": {
                    "accepted": {"type": "boolean"},
                    "duplicate": {"type": "boolean", "description": "This message was here already."},
                },
                "required": ["accepted", "duplicate"],
            },
        )
    },
    refused=(400, 401, 404, 410, 413, 415, 503),
)
