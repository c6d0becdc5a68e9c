"""Words of vocabularies: channels, kinds, stages. What a workspace says for itself, a version keeps.

A document names words by their keys. How they read is said by the workspace's vocabularies, else by the
shipped ones. A version holds those of the workspace's words that it uses, so that a later rename repaints
no old map; words that are shipped as they are stay out of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from service.errors import Issue

from .base import Shape
from .pointers import pointer
from .words import Language, Name, Slug, Text

CHANNELS, STAGES, ACTOR_KINDS, TOUCHPOINT_KINDS = "channels", "stages", "actor-kinds", "touchpoint-kinds"
KINDS = (CHANNELS, STAGES, ACTOR_KINDS, TOUCHPOINT_KINDS)
"""Kinds of vocabulary that a workspace may change. There may be many of stages, one of each other kind."""

TERMS_MAX = 200
VOCABULARIES_MAX = 20


class Term(Shape):
    """A word of a vocabulary."""

    key: Slug = Field(description="What documents say.")
    label: Name = Field(description="What people read.")
    labels: Annotated[
        dict[Language, Name],
        Field(max_length=50, description="What people read in other languages, by BCP 47 tag."),
    ] = {}
    description: Annotated[Text, Field(description="What is meant by it.")] = ""
    medium: Annotated[
        Literal["online", "offline", "hybrid"] | None, Field(description="Of a channel: where it is.")
    ] = None
    ownership: Annotated[
        Literal["owned", "paid", "earned"] | None,
        Field(description="Of a channel: the organisation's own, paid for, or earned from others."),
    ] = None
    funnel_position: Annotated[
        Literal["tofu", "mofu", "bofu"] | None, Field(description="Of a stage: its usual place.")
    ] = None
    sale_phase: Annotated[
        Literal["pre", "during", "post"] | None, Field(description="Of a stage: its usual place.")
    ] = None

    def read_in(self, language: str) -> str:
        """Return the label in a language, or in the one that it is a dialect of, else the plain label."""
        return self.labels.get(language) or self.labels.get(language.partition("-")[0]) or self.label


class VocabularyProfile(Shape):
    """A list of words for one kind of thing."""

    kind: Slug = Field(
        description="What its words name: channels, stages, actor-kinds, touchpoint-kinds; and, not to be "
        "changed, emotion-scales, evidence, lanes, review-cadences. May grow.",
        examples=[*KINDS],
    )
    label: Name = Field(description="What the vocabulary is called.")
    source: Annotated[Text, Field(description="Where it comes from.")] = ""
    cyclic: Annotated[bool, Field(description="True where the last stage leads to the first again.")] = False


class VocabularyEntry(VocabularyProfile):
    """A vocabulary as a version keeps it: of stages the whole, of other kinds the words that are used."""

    key: Slug = Field(description="The vocabulary's key in the workspace.")
    words: Annotated[
        tuple[Term, ...],
        Field(strict=False, max_length=TERMS_MAX, description="In the order offered."),
    ] = ()

    def term(self, key: str) -> Term | None:
        return next((term for term in self.words if term.key == key), None)


@dataclass(frozen=True, slots=True)
class Uses:
    """The words that a document uses, by kind; of stages the key of the vocabulary that it follows."""

    channels: Collection[str] = ()
    touchpoint_kinds: Collection[str] = ()
    actor_kinds: Collection[str] = ()
    stages: str = ""

    def of(self, kind: str) -> Collection[str]:
        known = {CHANNELS: self.channels, ACTOR_KINDS: self.actor_kinds}
        return known.get(kind, self.touchpoint_kinds if kind == TOUCHPOINT_KINDS else ())


def kept(
    uses: Uses,
    own: Mapping[str, VocabularyEntry],
    shipped: Mapping[str, VocabularyEntry],
    said: Collection[VocabularyEntry] = (),
) -> tuple[VocabularyEntry, ...]:
    """Return what a version keeps, in the order of keys.

    `own` are the workspace's vocabularies, `said` those that the draft brings along (of another workspace,
    or of an earlier version): its words stand where the workspace and the shipped words are silent.
    """
    brought = {entry.key: entry for entry in said}
    found = []
    for key in sorted({*own, *brought}):
        entry = own.get(key) or brought[key]
        if entry.kind == STAGES:
            if key == uses.stages:
                found.append(entry)
            continue
        words = {
            term.key: term for source in (brought.get(key), own.get(key)) if source for term in source.words
        }
        plain = shipped.get(key)
        used = tuple(
            words[word]
            for word in sorted(set(uses.of(entry.kind)) & set(words))
            if plain is None or words[word] != plain.term(word)
        )
        if used:
            found.append(entry.model_copy(update={"words": used}))
    return tuple(found)


def labels(wording: Collection[VocabularyEntry], kind: str, language: str) -> dict[str, str]:
    """Return {word: label} of one kind, in a language as far as the words have it."""
    return {
        term.key: term.read_in(language) for entry in wording if entry.kind == kind for term in entry.words
    }


def check_words(raw: Mapping[str, Any], where: str = "") -> Iterator[Issue]:
    """Yield the breaches that the shape of a raw vocabulary cannot see: words named twice or out of kind."""
    seen: set[str] = set()
    words = raw.get("words")
    for index, word in enumerate(words if isinstance(words, list | tuple) else ()):
        if not isinstance(word, Mapping):
            continue
        place = where + pointer("words", index)
        key = word.get("key")
        if isinstance(key, str) and key in seen:
            yield Issue(f"{place}/key", "duplicate_key", "This word is already in the vocabulary.")
        seen.add(str(key))
        for kind, names in _OF_KIND.items():
            for name in names if raw.get("kind") != kind else ():
                if word.get(name) is not None:
                    yield Issue(f"{place}/{name}", "not_allowed", f"Only words of kind {kind} have this.")


_OF_KIND = {CHANNELS: ("medium", "ownership"), STAGES: ("funnel_position", "sale_phase")}
