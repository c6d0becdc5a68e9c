"""How people call the rows of their maps, and the shipped channels; see journey-map tools and templates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from journeys.document.vocabularies import CHANNELS, channel_label

from .texts import one_line
from .wording import slug

CUSTOM, IGNORE = "custom", "ignore"

ITEMS = ("actions", "thoughts", "pains", "gains", "needs", "opportunities", "quotes", "links")
"""Lanes of entries, several to a cell."""

FACTS = (
    "description",
    "kind",
    "channels",
    "visibility",
    "owner",
    "importance",
    "moment_of_truth",
    "expectation",
    "perception",
    "performance_standard",
)
"""Single facts of a touchpoint that may stand in a row."""

LANES = (*ITEMS, "emotions", *FACTS, "customer_goal", CUSTOM, IGNORE)
"""What a row may be said to hold. customer_goal is the stage's; `custom` makes a lane of the row."""

_WORDS = {
    "actions": "action|actions|customer actions|user actions|doing|does|do|steps|step|customer steps|"
    "activities|activity|tasks|task|behaviour|behaviours|behavior|behaviors|what they do|"
    "what the customer does|user steps|process|jobs",
    "thoughts": "thought|thoughts|thinking|thinks|think|what they think|questions|mindset|"
    "thoughts and questions",
    "emotions": "emotion|emotions|emotional journey|emotional curve|emotion curve|emotional state|feeling|"
    "feelings|feels|feel|mood|sentiment|experience|emotional experience|satisfaction|"
    "what they feel|emotion score|emotional score|sentiment score",
    "pains": "pain|pains|pain point|pain points|painpoints|frustration|frustrations|problem|problems|"
    "barrier|barriers|challenge|challenges|issues|issue|obstacles|friction|what hurts|"
    "negatives|weaknesses",
    "gains": "gain|gains|delight|delights|what delights|positives|moments of delight|benefits|"
    "highlights|gain points|strengths|wow moments",
    "needs": "need|needs|user needs|customer needs|requirements|expectations|wants|jobs to be done|"
    "jtbd|what it takes",
    "opportunities": "opportunity|opportunities|idea|ideas|improvement|improvements|could be better|"
    "recommendations|recommendation|solutions|solution|ideas and opportunities|suggestions|"
    "how might we",
    "quotes": "quote|quotes|verbatim|verbatims|voice of the customer|voc|customer quotes|word for word|"
    "customer voice",
    "links": "link|links|more|documents|attachments|references|files|resources",
    "channels": "channel|channels|medium|media|communication channels|channel used|touchpoint channel",
    "owner": "owner|owners|responsible|department|departments|team|teams|ownership|stakeholder|"
    "responsibility|accountable|who",
    "customer_goal": "goal|goals|customer goal|customer goals|user goal|user goals|objective|objectives|"
    "stage goal",
    "description": "description|descriptions|details|narrative|story|story line|storyline|summary",
    "kind": "kind|type|touchpoint type|kind of touchpoint",
    "visibility": "visibility|front or back stage",
    "importance": "importance|weight",
    "moment_of_truth": "moment of truth|moments of truth|key moment|key moments|mot|moment that matters|"
    "moments that matter",
    "expectation": "expectation|expected",
    "perception": "perception|perceived",
    "performance_standard": "performance standard|service standard|standard|sla|service level",
}
_BY_WORD: Mapping[str, str] = MappingProxyType(
    {word.strip(): lane for lane, words in _WORDS.items() for word in words.split("|") if word.strip()}
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


STAGE_WORDS = _words(
    "stage|stages|phase|phases|journey stage|journey stages|journey phase|journey phases|episode|"
    "episodes|milestone|milestones|section|sections|step of the journey"
)
TOUCHPOINT_WORDS = _words(
    "touchpoint|touchpoints|touch point|touch points|moment|moments|station|stations|interaction|"
    "interactions|sub stage|sub stages|substage|sub phase|sub phases"
)
STEP_WORDS = _words("step|steps|customer steps|user steps|customer step|journey steps")

_SLUG = re.compile(r"[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?\Z")
_NOT_LETTERS = re.compile(r"[\W_]+")
_SYNONYMS = {
    "website": "web",
    "online": "web",
    "internet": "web",
    "web site": "web",
    "app": "mobile-app",
    "mobile": "mobile-app",
    "application": "mobile-app",
    "e mail": "email",
    "mailing": "email",
    "newsletter": "email",
    "text": "sms",
    "text message": "sms",
    "live chat": "chat",
    "chatbot": "chat",
    "call": "phone",
    "call center": "phone",
    "call centre": "phone",
    "telephone": "phone",
    "hotline": "phone",
    "phone call": "phone",
    "social networks": "social",
    "facebook": "social",
    "instagram": "social",
    "google": "search",
    "search engine": "search",
    "ads": "paid-ads",
    "ad": "paid-ads",
    "advertisement": "paid-ads",
    "store": "in-store",
    "retail": "in-store",
    "in person": "in-store",
    "post": "mail",
    "letter": "mail",
    "self service": "kiosk",
    "reseller": "partner",
    "reviews": "review-site",
    "invoice": "document",
    "wom": "word-of-mouth",
}
_CHANNELS: Mapping[str, str] = MappingProxyType(
    _SYNONYMS
    | {" ".join(_NOT_LETTERS.split(channel.label.lower())): channel.key for channel in CHANNELS}
    | {" ".join(_NOT_LETTERS.split(channel.key)): channel.key for channel in CHANNELS}
)


def words_of(label: str) -> str:
    """Return a label in lower case with single spaces and no signs: "Pain-Points:" → "pain points"."""
    return " ".join(_NOT_LETTERS.sub(" ", one_line(label).lower()).split())


def lane_of(label: str) -> str:
    """Return the lane that a label means: one of `LANES`; "custom" where it is nobody's word."""
    return _BY_WORD.get(words_of(label), CUSTOM)


def channel_of(text: str) -> str:
    """Return the channel that a text means: a shipped one, else its own slug, "" where it has no letters."""
    return _CHANNELS.get(words_of(text)) or slug_of(text)


def slug_of(text: str) -> str:
    """Return the text as it is where it is a key already, else made into one; "" where it has no letters."""
    return text if _SLUG.match(text) else slug(text)


def channel_text(key: str) -> tuple[str, bool]:
    """Return a text that means the channel, and whether it reads back as that: some keys are other words."""
    label = channel_label(key)
    text = label if channel_of(label) == key and " or " not in label else key
    return text, channel_of(text) == key
