"""Survey services: what somebody answered."""

from __future__ import annotations

from service.providers import hmacs
from service.providers.messages import Reading
from service.providers.provider import Provider

ROWS = (
    Provider(
        "typeform",
        "Typeform",
        "HMAC-SHA256 of the body",
        hmacs.TYPEFORM,
        Reading(
            id=("/event_id",),
            type=("/event_type",),
            time=("/form_response/submitted_at",),
        ),
        minted=True,
    ),
    Provider(
        "surveymonkey",
        "SurveyMonkey",
        "HMAC-SHA1 of the body",
        hmacs.SURVEYMONKEY,
        Reading(
            id=("/event_id",),
            type=("/event_type",),
            time=("/event_datetime",),
        ),
    ),
)
