"""What senders are told of the ingress: a plain view, so it is declared here."""

from __future__ import annotations

from typing import Any

from service.openapi import plain_operation


def _header(name: str, about: str) -> dict[str, Any]:
    return {
        "in": "header",
        "name": name,
        "required": False,
        "description": about,
        "schema": {"type": "string"},
    }


_FLAG = {"type": "boolean"}
PROBE = plain_operation(
    "probeInboundEndpoint",
    "Ask whether an inbound endpoint listens",
    tag="Inbound endpoints",
    description="Some senders look before they send; `OPTIONS` answers the handshake of CloudEvents.",
    answers={
        200: ("It does.", {"type": "object", "properties": {"listening": _FLAG}, "required": ["listening"]})
    },
    refused=(400, 404, 410, 503),
)
RECEIVE = plain_operation(
    "receiveWebhook",
    "Post messages to an inbound endpoint",
    tag="Inbound endpoints",
    description=(
        "As the endpoint's provider sends and signs them; the headers here are those of Standard Webhooks: "
        "`webhook-signature` signs `{webhook-id}.{webhook-timestamp}.{body}` with the endpoint's secret, 5 "
        "minutes of clock difference tolerated. Messages are stored before they are acknowledged and read "
        "afterwards; a repeated id is acknowledged and counts once. Forms are taken from those who send them."
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
                    "duplicate": {"type": "boolean", "description": "All of it was here already."},
                    "messages": {"type": "integer", "description": "Messages in the request."},
                    "duplicates": {"type": "integer", "description": "Of these, here already."},
                    "held": {
                        "type": "boolean",
                        "description": "It waits until the endpoint's secret is set.",
                    },
                },
                "required": ["accepted", "duplicate", "messages", "duplicates", "held"],
            },
        )
    },
    refused=(400, 401, 404, 410, 413, 415, 429, 503),
)
