"""The shipped vocabularies as a workspace sees them, before it says anything for itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from .emotion import SCALES
from .lanes import EVIDENCE
from .stage_vocabularies import STAGE_VOCABULARIES
from .vocabularies import ACTOR_KINDS, CADENCES, CHANNELS, LANE_LABELS, TOUCHPOINT_KINDS, Word
from .wording import Term, VocabularyEntry


def _plain(words: Iterable[str | Word]) -> tuple[Term, ...]:
    return tuple(
        Term(key=word.key, label=word.label)
        if isinstance(word, Word)
        else Term(key=word, label=word.replace("-", " ").replace("_", " ").capitalize())
        for word in words
    )


def _all() -> Iterable[VocabularyEntry]:
    channels = tuple(Term(key=c.key, label=c.label, medium=c.medium, ownership=c.ownership) for c in CHANNELS)
    yield VocabularyEntry(key="channels", kind="channels", label="Channels", words=channels)
    yield _entry("actor-kinds", "Kinds of actor", _plain(ACTOR_KINDS))
    yield _entry("touchpoint-kinds", "Kinds of touchpoint", _plain(TOUCHPOINT_KINDS))
    for stages in STAGE_VOCABULARIES:
        yield VocabularyEntry(
            key=stages.key,
            kind="stages",
            label=stages.label,
            source=stages.source,
            cyclic=stages.cyclic,
            words=tuple(
                Term(
                    key=stage.key,
                    label=stage.label,
                    funnel_position=stage.funnel_position,
                    sale_phase=stage.sale_phase,
                )
                for stage in stages.stages
            ),
        )
    yield _entry("emotion-scales", "Scales of emotion", _scales())
    yield _entry("evidence", "What a statement rests on", _plain(EVIDENCE))
    lanes = tuple(Term(key=key, label=label) for key, label in LANE_LABELS.items())
    yield _entry("lanes", "Lanes", lanes)
    yield _entry("review-cadences", "Rhythms of review", _plain(CADENCES))


def _entry(key: str, label: str, words: tuple[Term, ...]) -> VocabularyEntry:
    return VocabularyEntry(key=key, kind=key, label=label, words=words)


def _scales() -> tuple[Term, ...]:
    return tuple(Term(key=scale.key, label=scale.label, description=scale.meaning) for scale in SCALES)


SHIPPED: Mapping[str, VocabularyEntry] = MappingProxyType({entry.key: entry for entry in _all()})
"""By key, in the order shown."""
