"""Surveys: one answer of one person; a changed answer is a correction, not a second vote."""

from __future__ import annotations

from typing import Any

from kpis.connectors.presets.preset import Preset

NPS: dict[str, Any] = {
    "key": "nps",
    "name": "Net promoter score",
    "kind": "nps",
    "holds": "events",
    "input": "answers",
    "period": "month",
}
_ANSWER = "$.form_response.answers[?@.field.type=='nps' || @.field.type=='opinion_scale'].number"
# A response says the weight of each choice of a scale; what it is worth is told nowhere else in it.
_SURVEYMONKEY_WEIGHT = "$.followed.pages[*].questions[?@.id=='{question}'].answers[*].choice_metadata.weight"
_SURVEYMONKEY_RESPONSE = {"path": "$.object_id", "url": "/v3/surveys/{survey}/responses/{}/details"}

PRESETS = (
    Preset(
        "typeform-nps",
        "Typeform: net promoter score",
        "The first answer of the type nps or opinion_scale of each response, 0 to 10, in the month in which "
        "it was given. A form with several scales needs a rule for each, by field.ref.",
        (NPS,),
        (
            {
                "kpi": "nps",
                "when": [{"path": _ANSWER, "exists": True}],
                "value": _ANSWER,
                "external_id": "$.form_response.token",
                "observed_at": "$.form_response.submitted_at",
            },
        ),
        "typeform",
    ),
    Preset(
        "surveymonkey-nps",
        "SurveyMonkey: net promoter score",
        "The answer to one question of each completed response, by the weight of its choice, in the month in "
        "which the response began; an edited response is a correction, and one that was deleted or no "
        "longer answers the question counts no more. Messages carry an id alone: each response is asked for, "
        "which takes one of the calls that SurveyMonkey allows in a day. The webhook is for "
        "response_completed, response_updated and response_deleted.",
        (NPS,),
        (
            {
                "kpi": "nps",
                "when": [
                    {"path": "$.item.event_type", "one_of": ["response_completed", "response_updated"]},
                    {"path": "$.followed.response_status", "equals": "completed"},
                    {"path": _SURVEYMONKEY_WEIGHT, "exists": True},
                ],
                "follow": _SURVEYMONKEY_RESPONSE,
                "value": _SURVEYMONKEY_WEIGHT,
                "external_id": "$.item.object_id",
                "observed_at": "$.followed.date_created",
            },
            {
                "kpi": "nps",
                "when": [
                    {"path": "$.item.event_type", "equals": "response_updated"},
                    {"path": _SURVEYMONKEY_WEIGHT, "exists": False},
                ],
                "follow": _SURVEYMONKEY_RESPONSE,
                "external_id": "$.item.object_id",
                "retract": True,
            },
            {
                "kpi": "nps",
                "when": [{"path": "$.event_type", "equals": "response_deleted"}],
                "external_id": "$.object_id",
                "retract": True,
            },
        ),
        "surveymonkey",
        {"fetch": {"url": "https://api.surveymonkey.com/"}},
        {
            "survey": "The survey's id, from GET /v3/surveys; make the webhook for this survey alone.",
            "question": "The question's id, from GET /v3/surveys/<survey>/details.",
        },
        "Access token with the scope View Responses with Details.",
    ),
    Preset(
        "delighted-nps",
        "Delighted: net promoter score",
        "Each response counts once, in the month in which it was first given, with the score given last.",
        (NPS,),
        (
            {
                "kpi": "nps",
                "when": [
                    {
                        "path": "$.event_type",
                        "one_of": ["survey_response.created", "survey_response.updated"],
                    },
                    {"path": "$.event_data.survey_type", "equals": "nps"},
                ],
                "value": "$.event_data.score",
                "external_id": "$.event_data.id",
                "observed_at": "$.event_data.created_at",
                "cast": "epoch",
            },
        ),
        "hmac",
        {
            "verification": {"header": "X-Delighted-Webhook-Signature", "prefix": "sha256="},
            "event": {"id": ["/event_id"], "type": "/event_type", "time": "/event_data/updated_at"},
        },
    ),
)
