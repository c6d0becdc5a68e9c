"""Strategies: documents and figures of any shape, with text of any kind."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from journeys.document.shape import Document
from journeys.render.mark import Mark

from .samples import NOW, element

_NASTY = (
    "<b>&\"'",
    "]]>",
    "</style>",
    "</script><script>",
    "\u202eabc",
    "שלום",
    "مرحبا",
    "日本語",
    "a\u0301",
    "👩‍👩‍👧",
    "%s {0}",
)
TEXT = st.one_of(
    st.sampled_from(_NASTY),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40),
).filter(lambda text: bool(text.strip()))
_FEELINGS = st.floats(-1, 1)
_STATUSES = ("ok", "warn", "breach", "insufficient", "missing", "unjudged")


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Return a document of up to 5 stages; its touchpoints are `element(0)`, `element(1)` …"""
    nth = iter(range(1_000))
    sizes = draw(st.lists(st.integers(0, 5), max_size=5))
    stages = [
        {
            "id": str(element(900 + i)),
            "name": draw(TEXT),
            "customer_goal": draw(st.one_of(st.just(""), TEXT)),
            "touchpoints": [_touchpoint(draw, next(nth)) for _ in range(size)],
        }
        for i, size in enumerate(sizes)
    ]
    count = sum(sizes)
    ends = st.integers(0, count - 1).map(lambda n: str(element(n))) if count else st.nothing()
    ways = draw(st.lists(st.tuples(ends, ends, st.one_of(st.just(""), TEXT)), max_size=4)) if count else []
    return Document.model_validate(
        {
            "name": draw(TEXT),
            "language": draw(st.sampled_from(["", "en", "ar", "he-IL"])),
            "cyclic": draw(st.booleans()),
            "lanes": [{"key": "systems", "label": draw(TEXT)}],
            "personas": [{"id": str(UUID(int=7)), "key": "p", "name": draw(TEXT)}],
            "stages": stages,
            "transitions": [{"from": a, "to": b, "label": label} for a, b, label in ways],
        }
    )


def _touchpoint(draw: st.DrawFn, nth: int) -> dict[str, Any]:
    items = st.lists(TEXT.map(lambda text: {"text": text}), max_size=2)
    emotions = st.lists(
        st.fixed_dictionaries(
            {"value": _FEELINGS, "persona": st.sampled_from(["", "p", str(UUID(int=7))])},
            optional={"label": TEXT},
        ),
        max_size=2,
    )
    return {
        "id": str(element(nth)),
        "name": draw(TEXT),
        "visibility": draw(st.sampled_from(["front", "front", "back"])),
        "channels": draw(st.lists(st.sampled_from(["web", "phone", "own-thing"]), max_size=3)),
        "moment_of_truth": draw(st.booleans()),
        "actions": draw(items),
        "pains": draw(items),
        "quotes": draw(items),
        "opportunities": draw(items),
        "lane_items": draw(
            st.one_of(st.just({}), st.builds(lambda found: {"systems": found} if found else {}, items))
        ),
        "emotions": draw(emotions),
    }


@st.composite
def marks(draw: st.DrawFn) -> Mark:
    """Return a figure at one of the first touchpoints, at a stage, at the map, or nowhere."""
    places = [*(element(n) for n in range(6)), element(900), None, UUID(int=1)]
    figures = st.one_of(st.none(), st.floats(-1e6, 1e6))
    return Mark(
        element=draw(st.sampled_from(places)),
        label=draw(TEXT),
        value=draw(st.one_of(st.none(), TEXT)),
        status=draw(st.sampled_from(_STATUSES)),
        freshness=draw(st.sampled_from(["fresh", "late", "stale", "broken"])),
        certainty=draw(st.sampled_from([None, "clear", "within_noise"])),
        trend=draw(st.sampled_from(["", "−7.9"])),
        verdict=draw(st.sampled_from([None, "better", "worse", "flat"])),
        n=draw(st.sampled_from(["", "12"])),
        observed_at=draw(st.sampled_from([None, NOW])),
        target=draw(st.one_of(st.just(""), TEXT)),
        spark=tuple(draw(st.lists(figures, max_size=40))),
        spark_target=draw(figures),
        running=draw(st.one_of(st.just(""), TEXT)),
        emotion=draw(st.one_of(st.none(), _FEELINGS)),
        caveats=tuple(draw(st.lists(TEXT, max_size=2))),
        href=draw(st.sampled_from(["", "javascript:alert(1)", "/v1/kpis/1", "https://example.org/<>&"])),
    )
