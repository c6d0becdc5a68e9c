"""Questionnaires whose score is made of several answers: ten of them are one System Usability Scale."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from kpis.series.exact import EXACT
from kpis.series.pointer import pointer
from service.errors import Issue

_LOWEST, _HIGHEST = 1, 5
_PER_STEP = Decimal("2.5")


def check_answers(answers: Sequence[object], questions: int) -> list[Issue]:
    """Return what is wrong with the answers to `questions` questions, each 1 to 5, in their order."""
    if len(answers) != questions:
        return [Issue("/answers", "count", f"Send all {questions} answers, in the order of the questions.")]
    return [
        Issue(pointer("answers", index), "out_of_scale", "Answers are whole steps 1 to 5.")
        for index, answer in enumerate(answers)
        if not _is_step(answer)
    ]


def sus_score(answers: Sequence[int | Decimal]) -> Decimal:
    """Return the score 0..100 of ten checked answers (Brooke 1996).

    Odd questions are praise and count answer - 1, even ones are blame and count 5 - answer; the sum is
    multiplied by 2.5.
    """
    praise = sum(int(answer) - _LOWEST for answer in answers[0::2])
    blame = sum(_HIGHEST - int(answer) for answer in answers[1::2])
    return EXACT.multiply(Decimal(praise + blame), _PER_STEP)


def _is_step(answer: object) -> bool:
    if isinstance(answer, bool) or not isinstance(answer, (int, Decimal)):
        return False
    number = Decimal(answer)
    return number.is_finite() and number == int(number) and _LOWEST <= number <= _HIGHEST
