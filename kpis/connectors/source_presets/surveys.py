"""Surveys: one answer of one person; a changed answer is a correction, not a second vote."""

from __future__ import annotations

from typing import Any

from kpis.connectors.source_presets.preset import SourcePreset


def _nps(key: str, name: str) -> dict[str, Any]:
    return {"key": key, "name": name, "kind": "nps", "holds": "events", "input": "answers", "period": "month"}


_TYPEFORM_ANSWER = "$.answers[?@.field.type=='nps' || @.field.type=='opinion_scale'].number"

PRESETS = (
    SourcePreset(
        "typeform-nps",
        "Typeform: net promoter score",
        "The first answer of the type nps or opinion_scale of each completed response, 0 to 10, in "
        "the month in which it was given. Typeform's own report rounds, and counts deleted responses "
        "until they are gone.",
        "Personal access token with the scope responses:read",
        (_nps("typeform-nps", "Typeform NPS"),),
        {
            "url": "https://api.typeform.com/forms/{form}/responses?page_size=1000&since={start_epoch}",
            "paging": {"by": "cursor", "cursor": "$.items[-1].token", "parameter": "before"},
            "lookback": "P14D",
        },
        (
            {
                "kpi": "typeform-nps",
                "items": "$.items[*]",
                "when": [{"path": _TYPEFORM_ANSWER, "exists": True}],
                "value": _TYPEFORM_ANSWER,
                "external_id": "$.token",
                "observed_at": "$.submitted_at",
            },
        ),
        {"form": "The end of the form's address: https://….typeform.com/to/<form>."},
    ),
    SourcePreset(
        "surveymonkey-nps",
        "SurveyMonkey: net promoter score",
        "The answer to one question of each completed response, scored by the weight of the choice, "
        "else by its text, in the month in which the response began. SurveyMonkey's own NPS counts "
        "partial responses too, unless they are filtered out.",
        "Access token with the scopes View Surveys and View Responses with Details",
        (_nps("surveymonkey-nps", "SurveyMonkey NPS"),),
        {
            "url": "https://api.surveymonkey.com/v3/surveys/{survey}/responses/bulk"
            "?per_page=100&start_modified_at={start_date}",
            "lookup": "https://api.surveymonkey.com/v3/surveys/{survey}/details",
            "paging": {"by": "next", "cursor": "$.links.next"},
            "shape": "surveymonkey_answers",
            "lookback": "P14D",
        },
        (
            {
                "kpi": "surveymonkey-nps",
                "when": [
                    {"path": "$.question", "equals": "{question}"},
                    {"path": "$.response_status", "equals": "completed"},
                ],
                "value": "$.score",
                "external_id": "$.response",
                "observed_at": "$.date_created",
            },
        ),
        {
            "survey": "The survey's id, from GET /v3/surveys.",
            "question": "The question's id, from GET /v3/surveys/<survey>/details.",
        },
    ),
    SourcePreset(
        "delighted-nps",
        "Delighted: net promoter score",
        "Each response to an nps survey counts once, in the month in which it was first given, with "
        "the score given last. Delighted's dashboard shows the trailing 30 days by default. Services "
        "with the same API are read by another url in config.",
        "API key, followed by a colon",
        (_nps("delighted-nps", "Delighted NPS"),),
        {
            "url": "https://api.delighted.com/v1/survey_responses.json"
            "?per_page=100&updated_since={start_epoch}",
            "basic_auth": True,
            "paging": {"by": "page", "parameter": "page", "items": "$[*]", "size": 100},
            "lookback": "P14D",
        },
        (
            {
                "kpi": "delighted-nps",
                "items": "$[*]",
                "when": [{"path": "$.survey_type", "equals": "nps"}],
                "value": "$.score",
                "external_id": "$.id",
                "observed_at": "$.created_at",
                "cast": "epoch",
            },
        ),
    ),
)
