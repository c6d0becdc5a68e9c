"""Kinds of what people say: asked by a survey, or by themselves."""

from __future__ import annotations

from dataclasses import replace

from kpis.series.kinds_rows import D0, D1, D100
from kpis.series.method import Kind, Method
from kpis.series.survey_methods import (
    CES_EFFORT,
    CES_INDEX,
    CES_MEAN,
    CES_POSITIVE,
    NET,
    RESCALED_MEAN,
    SCALE_MEAN,
    TOP_2_BOX,
    survey,
)

_USABILITY = survey(
    Method(
        "mean",
        "mean",
        "Σ score / n; a score is 2.5 · (Σ (odd answer - 1) + Σ (5 - even answer)) of ten answers 1 to 5",
        "score",
        ("value",),
        "Brooke 1996: 0 to 100, and not a percentage",
        lower=D0,
        upper=D100,
        questions=10,
    )
)
_SENTIMENT = survey(
    Method("mean", "mean", "Σ value · n / Σ n", "score", ("value",), "text analysis", lower=-D1, upper=D1)
)


def _asked(
    key: str, name: str, *methods: Method, solicited: bool = True, known_as: tuple[str, ...] = ()
) -> Kind:
    return Kind(key, name, methods, nature="experience", solicited=solicited, known_as=known_as)


ASKED = (
    _asked("nps", "Net promoter score", NET),
    _asked("enps", "Employee net promoter score", NET),
    _asked("csat", "Customer satisfaction", TOP_2_BOX, SCALE_MEAN),
    _asked("ces", "Customer effort score", CES_MEAN, CES_POSITIVE, CES_INDEX, CES_EFFORT),
    _asked("score", "Satisfaction score", RESCALED_MEAN),
    _asked("sus", "System usability scale", _USABILITY),
    _asked(
        "star_rating",
        "Star rating",
        replace(SCALE_MEAN, source="review sites, unsolicited"),
        solicited=False,
        known_as=("review score",),
    ),
    _asked("sentiment", "Sentiment", _SENTIMENT, solicited=False),
)
