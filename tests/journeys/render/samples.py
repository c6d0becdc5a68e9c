"""Maps to draw in tests: a benefit claim told in full, and makers of maps of any size.

The claim follows the eleven pages of a citizen's online claim for a carer's benefit; wording and
figures are made up here.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import sin
from typing import Any
from uuid import UUID

from journeys.document.shape import Document
from journeys.render.face import Face, Link
from journeys.render.mark import Line, Mark, Moment, Rollup

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
GRACE, OMAR = UUID(int=0xA1), UUID(int=0xA2)


def element(nth: int) -> UUID:
    """Return the id of the nth touchpoint; stages count from 900."""
    return UUID(int=0x1000 + nth)


def _item(text: str, **more: Any) -> dict[str, Any]:
    return {"text": text, **more}


def _feel(grace: float, omar: float | None = None, label: str = "") -> list[dict[str, Any]]:
    felt = [{"persona": str(GRACE), "value": grace, "label": label}]
    return felt if omar is None else [*felt, {"persona": str(OMAR), "value": omar}]


_POINTS: list[list[dict[str, Any]]] = [
    [
        {
            "name": "Eligibility",
            "channels": ["web"],
            "actions": [_item("Checks hours of care, earnings and the other person’s benefit")],
            "thoughts": [
                _item("Am I even a carer?", evidence="self_reported", source="Interviews, 12 carers")
            ],
            "emotions": _feel(0.35, 0.1, "hopeful"),
            "description": "Four questions decide whether a claim makes sense at all.",
            "owner": "Front door team",
            "importance": 0.6,
        },
        {
            "name": "Phone line for questions",
            "channels": ["phone"],
            "actions": [_item("Rings when the rule about hours is unclear")],
            "thoughts": [_item("At least somebody explained it")],
            "emotions": _feel(0.1),
        },
    ],
    [
        {
            "name": "About you",
            "channels": ["web"],
            "actions": [_item("Gives name, address, insurance number")],
            "emotions": _feel(0.2, 0.15),
            "importance": 0.4,
        },
        {
            "name": "Your partner",
            "channels": ["web"],
            "actions": [_item("Gives the partner’s details")],
            "thoughts": [_item("Why do they need this?")],
            "emotions": _feel(0.0),
            "pains": [_item("No reason is given for asking", persona=str(OMAR))],
        },
        {
            "name": "Care you provide",
            "channels": ["web"],
            "actions": [_item("Describes whom she cares for, and every break since the start")],
            "thoughts": [_item("Which week counts if she was in hospital?")],
            "emotions": _feel(-0.7, -0.35, "worn out"),
            "pains": [
                _item(
                    "Breaks in care cannot be entered as a range",
                    evidence="observed",
                    source="Usability round 3",
                ),
                _item("The page forgets everything after an hour", evidence="measured"),
            ],
            "opportunities": [{"text": "A calendar instead of free text", "impact": 0.8, "effort": 0.3}],
            "moment_of_truth": True,
            "importance": 0.9,
            "expectation": 0.7,
            "perception": 0.35,
            "performance_standard": "Finished within ten minutes by nine out of ten",
        },
    ],
    [
        {
            "name": "Education",
            "channels": ["web"],
            "actions": [_item("Says whether she studies")],
            "emotions": _feel(-0.1, 0.2),
        },
        {
            "name": "Employment",
            "channels": ["web", "document"],
            "actions": [_item("Enters jobs, pay and pension contributions"), _item("Looks for payslips")],
            "thoughts": [_item("Gross or net?")],
            "emotions": _feel(-0.45, -0.6),
            "pains": [_item("Expenses are asked for before it is clear which count")],
            "needs": [_item("An example payslip with the right figure marked")],
        },
        {
            "name": "Self-employment",
            "channels": ["web"],
            "actions": [_item("Sums up the last trading year")],
            "emotions": _feel(-0.35),
        },
        {
            "name": "Other money",
            "channels": ["web"],
            "actions": [_item("Lists benefits and payments from the person cared for")],
            "emotions": _feel(-0.15, -0.1),
            "gains": [_item("Short, and most answers are no")],
        },
    ],
    [
        {
            "name": "Pay details",
            "channels": ["web"],
            "actions": [_item("Chooses how often to be paid, and where")],
            "emotions": _feel(0.3, 0.35),
        },
        {
            "name": "Consent and declaration",
            "channels": ["web"],
            "actions": [_item("Agrees that the data may be checked"), _item("Signs and sends")],
            "thoughts": [_item("Did it really go through?")],
            "emotions": _feel(0.1, 0.3),
            "moment_of_truth": True,
            "importance": 0.8,
        },
        {
            "name": "Thank you",
            "channels": ["web", "email"],
            "actions": [_item("Keeps the reference number")],
            "thoughts": [_item("Good, a number that I can quote")],
            "emotions": _feel(0.6, 0.55, "relieved"),
            "links": [
                {"text": "How long a decision takes", "href": "https://www.example.org/decision-times"}
            ],
        },
    ],
    [
        {
            "name": "Decision",
            "channels": ["mail"],
            "actions": [_item("Reads whether and how much she will get")],
            "emotions": _feel(0.45, 0.2),
        },
        {
            "name": "Check with the employer",
            "visibility": "back",
            "channels": ["mail"],
            "owner": "Claims processing",
            "actions": [_item("A caseworker writes to the employer and waits")],
            "pains": [_item("One in five letters is not answered")],
        },
    ],
]
_STAGES = [
    ("Find out", "Know whether a claim is worth it", "pre"),
    ("You and your care", "Tell my situation once", "during"),
    ("Work and money", "Declare what I earn without mistakes", "during"),
    ("Finish", "Send it and be sure that it arrived", "during"),
    ("Decision", "Know where I stand", "post"),
]


def claim(**changes: Any) -> Document:
    """Return the benefit claim: 5 stages, 14 touchpoints, two personas, a loop, a back stage."""
    nth = iter(range(100))
    stages = [
        {
            "id": str(element(900 + i)),
            "name": name,
            "customer_goal": goal,
            "sale_phase": phase,
            "touchpoints": [{"id": str(element(next(nth))), **point} for point in _POINTS[i]],
        }
        for i, (name, goal, phase) in enumerate(_STAGES)
    ]
    raw: dict[str, Any] = {
        "name": "Claiming a carer’s benefit online",
        "actor_kind": "citizen",
        "scenario": "Grace gave up shifts to look after her mother and has heard of an allowance.",
        "customer_goal": "Be paid for the care without getting anything wrong",
        "personas": [
            {
                "id": str(GRACE),
                "name": "Grace",
                "archetype": "cares for her mother",
                "goals": ["Keep her job two days a week"],
                "quote": "I fill this in at night, when she sleeps.",
            },
            {"id": str(OMAR), "name": "Omar", "archetype": "student, cares for his brother"},
        ],
        "review": {"owner": "Carers service", "cadence": "quarterly"},
        "stages": stages,
        "transitions": [
            {"from": str(element(4)), "to": str(element(1)), "likelihood": 0.18, "label": "rings for help"},
            {"from": str(element(6)), "to": str(element(4)), "likelihood": 0.07},
            {"from": str(element(5)), "to": str(element(8)), "likelihood": 0.4, "label": "no job"},
        ],
    }
    return Document.model_validate(raw | changes)


def mark(nth: int, label: str = "Completion", value: str | None = "91.8 %", **more: Any) -> Mark:
    """Return a figure at the nth touchpoint, good and fresh unless said otherwise."""
    usual: dict[str, Any] = {
        "element": element(nth),
        "label": label,
        "value": value,
        "status": "ok",
        "trend": "+0.6",
        "verdict": "better",
        "n": "12,480",
        "method": "share of those who began",
        "period": "week to 8 Mar",
        "observed_at": NOW - timedelta(days=1, hours=2),
        "target": "≥ 85 %",
        "spark": wave(nth),
        "spark_target": 0.1,
        "spark_ends": tuple(NOW - timedelta(weeks=30 - i) for i in range(30)),
        "spark_low": "−42.0 %",
        "spark_high": "51.3 %",
        "lines": (Line("target", 0.1, "goal 10.0 %"), Line("breach", 0.05, "breach 5.0 %")),
        "moments": (Moment(NOW - timedelta(weeks=12), "version 6"),),
    }
    return Mark(**usual | more)


def wave(seed: int, points: int = 30) -> tuple[float | None, ...]:
    """Return a series with one gap, different for each seed."""
    return tuple(
        None if i == 7 + seed % 5 else sin(i / 4 + seed) * 0.4 + sin(i * 1.7 + seed) * 0.15
        for i in range(points)
    )


def claim_marks() -> tuple[Mark, ...]:
    """Return figures for `claim()`: every status and freshness, several at one place, gaps in feeling."""
    return (
        mark(0, value="74.1 %", trend="+0.2", target="", status="unjudged", spark_target=None),
        mark(2, emotion=0.3),
        mark(3, value="95.2 %", n="10,913", trend="±0", verdict="flat"),
        mark(
            4,
            value="62.3 %",
            n="11,457",
            interval="±0.9",
            status="breach",
            trend="−7.9",
            verdict="worse",
            target="≥ 70 %",
            emotion=-0.95,
            running="60.1 %, n 1,204, day 2 of 7",
        ),
        mark(
            4,
            "Time on the page",
            "14 min 20 s",
            n="7,137",
            interval="±0.4 min",
            method="median",
            status="warn",
            trend="+2.1 min",
            verdict="worse",
            target="≤ 10 min",
        ),
        mark(5, value="98.9 %", n="9,870", trend="+0.1"),
        mark(
            6,
            value="81.0 %",
            n="9,100",
            status="warn",
            certainty="within_noise",
            verdict="worse",
            trend="−0.8",
        ),
        mark(7, value="88.4 %", n="214", status="insufficient", trend="", verdict=None),
        mark(8, value=None, status="missing", spark=(), trend="", n="", observed_at=None),
        mark(9, value="97.7 %", n="7,002", emotion=0.35),
        mark(10, value="96.0 %", n="6,851", trend="+0.1", freshness="late"),
        mark(
            11,
            "Satisfaction",
            "83 %",
            n="903",
            interval="±2.5",
            method="top-2-box",
            freshness="stale",
            trend="±0",
            verdict="flat",
            emotion=0.1,
            observed_at=NOW - timedelta(days=16),
            caveats=("Answers dropped by half after the form moved",),
        ),
        mark(
            12,
            "Days to decision",
            "23 d",
            n="full count",
            interval="census",
            freshness="broken",
            spark_target=None,
        ),
        mark(13, "Letters answered", "79 %", n="1,310", status="warn", target="≥ 90 %"),
        mark(902, "Stage finished", "71.2 %", n="9,870", status="warn", trend="−0.4", verdict="worse"),
        mark(0, "Claims sent", "6,851", n="full count", method="count", interval="census").__class__(
            element=None,
            label="Claims sent online",
            value="84.6 %",
            n="8,098",
            status="ok",
            trend="+1.2",
            verdict="better",
            observed_at=NOW - timedelta(days=1),
            period="week to 8 Mar",
            target="≥ 80 %",
            spark=wave(3),
            spark_target=-0.2,
        ),
    )


def face(**more: Any) -> Face:
    """Return the face of a living page of version 7."""
    usual: dict[str, Any] = {
        "version": 7,
        "published_at": datetime(2025, 11, 3, 9, 0, tzinfo=UTC),
        "updated_at": NOW - timedelta(seconds=12),
        "notices": ("Replay: dates shifted by 628 weeks",),
        "refresh_s": 10,
        "links": (Link(label="JSON", href="?format=json"), Link(label="SVG", href="?format=svg")),
        "rollups": (
            Rollup(element=None, status="breach", coverage="judged 9 of 14"),
            Rollup(element=element(901), status="breach", coverage="judged 4 of 5"),
            Rollup(element=element(902), status="warn", coverage="judged 3 of 5"),
        ),
    }
    return Face(**usual | more)


def plain(stages: int, each: int, **changes: Any) -> Document:
    """Return a map of that many stages with so many touchpoints each."""
    return Document.model_validate(
        {
            "name": f"{stages} stages",
            "stages": [
                {
                    "id": str(element(900 + s)),
                    "name": f"Stage {s + 1}",
                    "customer_goal": "Get one step further",
                    "touchpoints": [
                        {
                            "id": str(element(s * each + t)),
                            "name": f"Step {s * each + t + 1}",
                            "channels": ["web"],
                            "actions": [_item("Does what has to be done here")],
                            "thoughts": [_item("Is this the right way?")],
                            "emotions": [{"value": round(sin((s * each + t) * 0.9), 2)}],
                        }
                        for t in range(each)
                    ],
                }
                for s in range(stages)
            ],
        }
        | changes
    )


def arabic() -> Document:
    """Return a short map whose every text runs from right to left."""
    names = (
        ("التعرّف", ["صفحة الخدمة", "مكالمة استفسار"]),
        ("التقديم", ["البيانات الشخصية", "الرعاية المقدمة", "رفع المستندات"]),
        ("القرار", ["رسالة القرار", "الدفعة الأولى"]),
    )
    nth = iter(range(100))
    feelings = (0.4, 0.1, 0.2, -0.7, -0.4, 0.3, 0.8)
    stages = []
    for i, (stage, points) in enumerate(names):
        touchpoints = []
        for point in points:
            k = next(nth)
            touchpoints.append(
                {
                    "id": str(element(k)),
                    "name": point,
                    "channels": ["web"],
                    "actions": [_item("يقرأ الشروط ويجيب عن الأسئلة")],
                    "thoughts": [_item("هل أستحق هذه المنحة؟")],
                    "emotions": [{"value": feelings[k]}],
                    "pains": [_item("لا يمكن إدخال فترات الانقطاع")] if k == 3 else [],
                }
            )
        goal = "أعرف أين أقف"
        stages.append(
            {"id": str(element(900 + i)), "name": stage, "customer_goal": goal, "touchpoints": touchpoints}
        )
    loop = [{"from": str(element(3)), "to": str(element(1)), "likelihood": 0.2, "label": "يتصل ثانية"}]
    return Document.model_validate(
        {
            "name": "طلب منحة الرعاية",
            "language": "ar",
            "actor_label": "مقدّم الرعاية",
            "stages": stages,
            "transitions": loop,
        }
    )


LONG = "Verwaltungsvorgangsbearbeitungsbestätigungsschreiben für Mehrfachanspruchsberechtigte u. Angehörige"


def long_names() -> Document:
    """Return a map whose names are as long as they may be, with words that do not break by themselves."""
    base = plain(3, 2).model_dump(mode="json", by_alias=True, exclude_defaults=True)
    base["name"] = (LONG * 2)[:200]
    for stage in base["stages"]:
        stage["name"] = (LONG * 2)[:200]
        stage["customer_goal"] = LONG * 3
        for point in stage["touchpoints"]:
            point["name"] = (LONG * 2)[:200]
            point["actions"] = [_item("x" * 300), _item(LONG * 4)]
            point["channels"] = ["word-of-mouth", "partner", "review-site", "mobile-app", "push"]
    return Document.model_validate(base)
