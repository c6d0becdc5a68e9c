"""The words that a version brings along, as the page reads them: by slug, in the page's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from journeys.document import wording
from journeys.document.shape import Document
from journeys.document.shipped import SHIPPED

from .words import plain


@dataclass(frozen=True, slots=True)
class Wording:
    """Labels by slug. What is absent reads as shipped, or as the slug made plain."""

    channels: Mapping[str, str]
    actor_kinds: Mapping[str, str]
    touchpoint_kinds: Mapping[str, str]
    stages: str
    """The name of the stage vocabulary; "" where the map follows none."""

    def actor_kind(self, slug: str) -> str:
        return self.actor_kinds.get(slug) or plain(slug)

    def touchpoint_kind(self, slug: str) -> str:
        return self.touchpoint_kinds.get(slug) or plain(slug)


def wording_of(document: Document, language: str) -> Wording:
    """Return the words of a document, in a BCP 47 language as far as it has them."""

    def of(kind: str) -> Mapping[str, str]:
        return wording.labels(document.wording, kind, language)

    return Wording(
        channels=of(wording.CHANNELS),
        actor_kinds=of(wording.ACTOR_KINDS),
        touchpoint_kinds=of(wording.TOUCHPOINT_KINDS),
        stages=_stages(document),
    )


def _stages(document: Document) -> str:
    named = document.stage_vocabulary
    own = next((entry for entry in document.wording if entry.key == named), None) or SHIPPED.get(named)
    if own is None:
        return plain(named)
    return f"{own.label}, in a circle" if own.cyclic else own.label
