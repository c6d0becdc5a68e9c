"""SurveyMonkey's responses with the score of each choice, which only the survey's details tell. Pure.

A response names the choices by id. A choice's score is its weight, else its text where that is a number; a
question that was answered by text alone, and a choice without either, has a null score.
Source: API reference, GET /surveys/{id}/details and GET /surveys/{id}/responses/bulk.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kpis.connectors.base import PullFailed, Window


def answers(page: Any, details: Any, window: Window) -> list[Any]:
    """Return an item per answer of the page that is a choice; `details` are the survey's.

    {"response", "question", "row", "score", "response_status", "date_created", "date_modified", "collector"}
    """
    try:
        scores = dict(_scores(details))
        return [item for response in page["data"] for item in _items(response, scores)]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise PullFailed(
            "These are no responses of SurveyMonkey with their survey.", permanent=True
        ) from None


def _scores(details: Any) -> Iterator[tuple[str, Any]]:
    for page in details["pages"]:
        for question in page["questions"]:
            for choice in (question.get("answers") or {}).get("choices", ()):
                weight, text = choice.get("weight"), str(choice.get("text", "")).strip()
                score = (
                    weight if weight is not None else int(text) if text.isascii() and text.isdigit() else None
                )
                yield choice["id"], score


def _items(response: Any, scores: dict[str, Any]) -> Iterator[dict[str, Any]]:
    told = {name: response.get(name) for name in ("response_status", "date_created", "date_modified")}
    for page in response["pages"]:
        for question in page["questions"]:
            for answer in question["answers"]:
                if "choice_id" in answer:
                    yield {
                        "response": response["id"],
                        "question": question["id"],
                        "row": answer.get("row_id"),
                        "score": scores.get(answer["choice_id"]),
                        "collector": response.get("collector_id"),
                        **told,
                    }
