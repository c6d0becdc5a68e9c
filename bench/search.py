"""Search over 10,000 touchpoints of a workspace against reading their texts with ILIKE, both as the app role.

Row level security keeps Postgres from using an index for either: the rows of the workspace are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection

from bench.ground import Ground, make_ground
from bench.live import post
from bench.measure import Row, interleaved
from journeys.queries import search_workspace
from service.tenancy import workspace_transaction

MAPS, STAGES, TOUCHPOINTS = 100, 5, 20
_WORDS = (
    "reads",
    "asks",
    "waits",
    "signs",
    "pays",
    "calls",
    "visits",
    "fills",
    "compares",
    "returns",
    "cancels",
)
_ILIKE = """
SELECT id, convert_from(content, 'UTF8') FROM draft_body
WHERE workspace_id = %s AND part = 'touchpoint' AND convert_from(content, 'UTF8') ILIKE %s LIMIT 20
"""


def rows() -> Iterator[Row]:
    ground = make_ground("bench search")
    for number in range(MAPS):
        post(ground, "/v1/journey-maps", {"document": _document(number)})
    spent = interleaved(
        {
            "rare": lambda: _search(ground, "w77x3"),
            "common": lambda: _search(ground, "asks waits"),
            "ilike": lambda: _ilike(ground, "%w77x3 %"),
        },
        repeats=5,
    )
    yield Row(
        f"search over {MAPS * STAGES * TOUCHPOINTS} touchpoints, ranked and with highlights, against ILIKE",
        spent["rare"] / spent["ilike"],
        "<= 1",
        f"{spent['rare']:.1f} ms for a rare word, {spent['common']:.1f} ms for two that most have, "
        f"{spent['ilike']:.1f} ms ILIKE",
    )


def _search(ground: Ground, words: str) -> None:
    with workspace_transaction(ground.workspace.id):
        _, matches = search_workspace(ground.workspace.id, words, limit=20)
    assert matches


def _ilike(ground: Ground, pattern: str) -> None:
    with workspace_transaction(ground.workspace.id), connection.cursor() as cursor:
        cursor.execute(_ILIKE, [ground.workspace.id, pattern])
        assert cursor.fetchall()


def _document(number: int) -> dict[str, Any]:
    def touchpoint(place: int) -> dict[str, Any]:
        text = " ".join(_WORDS[(number + place * step) % len(_WORDS)] for step in range(12))
        return {
            "name": f"{_WORDS[place % len(_WORDS)]} w{number}x{place}",
            "channels": ["web", "phone"],
            "pains": [{"text": f"{text} w{number}x{place} "}],
            "thoughts": [{"text": f"{text} {line}"} for line in range(3)],
        }

    places = iter(range(STAGES * TOUCHPOINTS))
    return {
        "name": f"Bench {number}",
        "stages": [
            {"name": f"Stage {stage}", "touchpoints": [touchpoint(next(places)) for _ in range(TOUCHPOINTS)]}
            for stage in range(STAGES)
        ],
    }
