"""Methods of questions that people answer on a scale: NPS, CSAT, CES, satisfaction scores.

Where vendors differ, each way is a method of its own: one set of answers gives three different "CES".
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from kpis.series.method import Method

_D0, _D1, _D100 = Decimal(0), Decimal(1), Decimal(100)
_ANSWERED = ("distribution", "answers", "value")
_SAMPLE = 30  # below thirty answers a survey figure is an anecdote


def survey(method: Method) -> Method:
    """Return `method` as one of a sample that tells how people feel."""
    return replace(method, sampled=True, min_n=_SAMPLE, felt=True, period="month")


NET = survey(
    Method(
        "net",
        "balance",
        "100 · (answers 9 and 10 - answers 0 to 6) / n",
        "points",
        _ANSWERED,
        "Net promoter score: 7 and 8 count in n, 6 is a detractor",
        lower=-_D100,
        upper=_D100,
        scale=(0, 10),
        fixed_scale=True,
        top=2,
        bottom=7,
    )
)
SCALE_MEAN = survey(Method("mean", "mean", "Σ answer / n", "score", _ANSWERED, "TheyDo", scale=(1, 5)))
TOP_2_BOX = survey(
    Method(
        "top_2_box",
        "ratio",
        "answers in the two highest steps / n",
        "fraction",
        ("distribution", "answers", "parts", "value"),
        "Delighted, kicue: satisfied and very satisfied of all answers",
        lower=_D0,
        upper=_D1,
        scale=(1, 5),
        top=2,
        counted=True,
    )
)
RESCALED_MEAN = survey(
    Method(
        "rescaled_mean",
        "score",
        "(mean - lowest step) / (highest step - lowest step)",
        "fraction",
        _ANSWERED,
        "GOV.UK Service Manual, user satisfaction",
        lower=_D0,
        upper=_D1,
        scale=(1, 5),
    )
)
CES_MEAN = replace(SCALE_MEAN, scale=(1, 7), fixed_scale=True, source="CES 2.0: it was made easy, 1 to 7")
CES_POSITIVE = replace(
    TOP_2_BOX,
    key="positive_share",
    formula="answers 5 to 7 / n",
    source="zonkafeedback, TheyDo",
    scale=(1, 7),
    fixed_scale=True,
    top=3,
)
CES_INDEX = replace(
    NET,
    key="index",
    formula="100 · (answers 6 and 7 - answers 1 to 3) / n",
    source="cys.group",
    scale=(1, 7),
    bottom=3,
)
CES_EFFORT = replace(
    SCALE_MEAN,
    key="effort_mean",
    direction="down",
    fixed_scale=True,
    source="CES 1.0: how much effort, 1 to 5",
)
