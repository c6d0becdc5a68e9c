"""Shipped vocabularies, as data: channels, kinds, lanes. Clients may use words of their own.

Stages are in `stage_vocabularies`, scales of emotion in `emotion`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Channel:
    """A means of interaction. Ownership: owned by the organisation, paid for, or earned from others."""

    key: str
    label: str
    medium: Literal["online", "offline", "hybrid"]
    ownership: Literal["owned", "paid", "earned"]


@dataclass(frozen=True, slots=True)
class Word:
    key: str
    label: str


CHANNELS = (
    Channel("web", "Web", "online", "owned"),
    Channel("mobile-app", "Mobile app", "online", "owned"),
    Channel("email", "E-mail", "online", "owned"),
    Channel("sms", "Text message", "online", "owned"),
    Channel("push", "Push notification", "online", "owned"),
    Channel("chat", "Chat", "online", "owned"),
    Channel("phone", "Phone", "offline", "owned"),
    Channel("social", "Social media", "online", "earned"),
    Channel("search", "Search", "online", "earned"),
    Channel("paid-ads", "Advertising", "online", "paid"),
    Channel("in-store", "Shop", "offline", "owned"),
    Channel("branch", "Branch or field visit", "offline", "owned"),
    Channel("mail", "Letter", "offline", "owned"),
    Channel("event", "Event", "hybrid", "owned"),
    Channel("kiosk", "Kiosk", "hybrid", "owned"),
    Channel("partner", "Partner or reseller", "hybrid", "earned"),
    Channel("review-site", "Review site", "online", "earned"),
    Channel("community", "Community", "online", "earned"),
    Channel("document", "Document or invoice", "hybrid", "owned"),
    Channel("device", "Connected device", "online", "owned"),
    Channel("word-of-mouth", "Word of mouth", "offline", "earned"),
    Channel("other", "Other", "hybrid", "owned"),
)

ACTOR_KINDS = tuple(
    Word(label.lower(), label)
    for label in ("Customer", "User", "Buyer", "Employee", "Citizen", "Patient", "Client")
)

TOUCHPOINT_KINDS = tuple(
    Word(label.lower().replace(" ", "-"), label)
    for label in (
        "Communication",
        "Action",
        "Decision",
        "Waiting",
        "Social media",
        "Advertising",
        "Website",
        "Support",
    )
)

LANE_LABELS = {
    "actions": "Doing",
    "thoughts": "Thinking",
    "emotions": "Feeling",
    "pains": "Pains",
    "gains": "Gains",
    "needs": "Needs",
    "opportunities": "Opportunities",
    "quotes": "Quotes",
    "links": "Links",
}

CADENCES = ("weekly", "fortnightly", "monthly", "quarterly", "half-yearly", "yearly")

_CHANNEL_LABELS = {channel.key: channel.label for channel in CHANNELS}


def channel_label(key: str) -> str:
    """Return the shipped label of a channel; of another one, its key in words."""
    return _CHANNEL_LABELS.get(key) or key.replace("-", " ").replace("_", " ").capitalize()
