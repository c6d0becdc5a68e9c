from __future__ import annotations

import pytest

from journeys.document.elements import LANES
from journeys.document.stage_vocabularies import STAGE_VOCABULARIES, StageVocabulary
from journeys.document.validate import parse
from journeys.document.vocabularies import (
    ACTOR_KINDS,
    CADENCES,
    CHANNELS,
    LANE_LABELS,
    TOUCHPOINT_KINDS,
    channel_label,
)


@pytest.mark.parametrize("vocabulary", STAGE_VOCABULARIES, ids=lambda v: v.key)
def test_every_stage_vocabulary_makes_a_map(vocabulary: StageVocabulary) -> None:
    stages = [
        {"key": s.key, "name": s.label, "funnel_position": s.funnel_position, "sale_phase": s.sale_phase}
        for s in vocabulary.stages
    ]
    raw = {"name": vocabulary.label, "stage_vocabulary": vocabulary.key, "stages": stages}
    assert len(parse({**raw, "cyclic": vocabulary.cyclic}).stages) == len(vocabulary.stages)


def test_words_are_distinct_and_fit_the_document() -> None:
    for words in (CHANNELS, ACTOR_KINDS, TOUCHPOINT_KINDS, STAGE_VOCABULARIES):
        keys = [word.key for word in words]
        assert len(set(keys)) == len(keys)
    touchpoints = [{"name": "t", "kind": kind.key} for kind in TOUCHPOINT_KINDS]
    touchpoints.append({"name": "t", "channels": [channel.key for channel in CHANNELS]})  # type: ignore[dict-item]
    for kind, cadence in zip(ACTOR_KINDS, CADENCES, strict=False):
        raw = {"name": "m", "actor_kind": kind.key, "review": {"cadence": cadence}}
        parse({**raw, "stages": [{"name": "s", "touchpoints": touchpoints}]})


def test_every_lane_has_a_label() -> None:
    assert set(LANE_LABELS) == {*LANES, "emotions"}


def test_channels_of_ones_own_are_shown_in_words() -> None:
    assert channel_label("email") == "E-mail"
    assert channel_label("carrier-pigeon") == "Carrier pigeon"
