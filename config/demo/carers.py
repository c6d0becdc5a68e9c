"""The first demo map: applying for Carer's Allowance. The story is the demo's own; steps follow the form.

What is measured of them stands in carers_measures.py.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

KEY = "carers-allowance"
# Each step: key, name, stage, feeling (-2..+2), what the carer does, thinks, suffers; what could be better.
STEPS: list[dict[str, Any]] = [
    {
        "key": "eligibility",
        "name": "Eligibility check",
        "stage": "find-out",
        "feeling": 1,
        "actions": ["Answers four questions about hours, age and where they live"],
        "thoughts": ["Do I even count as a carer?"],
        "gains": ["Knows within a minute whether it is worth going on"],
    },
    {
        "key": "about-you",
        "name": "About you",
        "stage": "you",
        "feeling": 0,
        "actions": ["Gives name, address and National Insurance number"],
        "thoughts": ["Fine so far."],
        "pains": ["One in three leaves before this page is done"],
        "opportunities": ["Say what will be needed before the form begins"],
        "moment_of_truth": True,
        "importance": 0.9,
    },
    {
        "key": "your-partner",
        "name": "Your partner",
        "stage": "you",
        "feeling": -1,
        "actions": ["Describes the partner they live with"],
        "thoughts": ["Why do they need to know about him?"],
        "opportunities": ["Explain why the partner matters to the claim"],
    },
    {
        "key": "care-you-provide",
        "name": "Care you provide",
        "stage": "care",
        "feeling": -1,
        "actions": ["Names the person cared for", "Lists breaks from caring, week by week"],
        "thoughts": ["Which week counts when she was in hospital?"],
        "pains": ["Breaks have to be remembered to the day"],
        "opportunities": ["A calendar in place of free text"],
        "moment_of_truth": True,
        "importance": 1.0,
    },
    {
        "key": "education",
        "name": "Education",
        "stage": "money",
        "feeling": 0,
        "actions": ["Gives the course and its hours, if there is one"],
    },
    {
        "key": "employment",
        "name": "Employment",
        "stage": "money",
        "feeling": -1,
        "actions": ["Enters each job, its pay and its pay dates"],
        "pains": ["Payslips have to be at hand"],
    },
    {
        "key": "self-employment",
        "name": "Self-employment",
        "stage": "money",
        "feeling": -2,
        "actions": ["Works out income and expenses for the year"],
        "pains": ["The accounts are not ready yet"],
        "opportunities": ["Take an estimate now and the accounts later"],
    },
    {
        "key": "other-money",
        "name": "Other money",
        "stage": "money",
        "feeling": 0,
        "actions": ["Lists benefits and sick pay"],
    },
    {
        "key": "pay-details",
        "name": "Payment details",
        "stage": "send",
        "feeling": 1,
        "actions": ["Gives the bank account"],
        "thoughts": ["So they do mean to pay me."],
    },
    {
        "key": "consent-and-declaration",
        "name": "Consent and declaration",
        "stage": "send",
        "feeling": 0,
        "actions": ["Reads the declaration", "Agrees and sends"],
        "thoughts": ["Did I get every date right?"],
        "opportunities": ["Let the answers be checked on one page"],
    },
    {
        "key": "thank-you",
        "name": "Thank you",
        "stage": "send",
        "feeling": 2,
        "actions": ["Keeps the reference number", "Says how it was"],
        "thoughts": ["Done. Easier than the paper one."],
        "gains": ["Knows what happens next, and when"],
        "moment_of_truth": True,
        "importance": 0.8,
    },
]
STAGES = [
    ("find-out", "Find out", "Know whether I can claim", "pre"),
    ("you", "About me", "Say who I am without repeating myself", "during"),
    ("care", "About the care", "Have what I do every day understood", "during"),
    ("money", "Work and money", "Show what I earn without an accountant", "during"),
    ("send", "Send", "Be sure that it arrived and is right", "post"),
]


def document(persona: str, notice: str) -> dict[str, Any]:
    """Return the map's document for the persona with this id."""
    return {
        "name": "Claiming Carer's Allowance",
        "description": "Applying online for a weekly payment to people who care for somebody.",
        "language": "en-GB",
        "actor_kind": "citizen",
        "actor_label": "carer",
        "scenario": "Grace has cared for her mother for a year and hears that she could be paid for it.",
        "customer_goal": "Claim in one evening, without a mistake",
        "organisation_objective": "More claims online, fewer calls about them",
        "notice": notice,
        "personas": [{"id": persona}],
        "review": {"owner": "Carer's Allowance service team", "cadence": "quarterly"},
        "stages": [_stage(key, name, goal, phase) for key, name, goal, phase in STAGES],
    }


def _stage(key: str, name: str, goal: str, phase: str) -> dict[str, Any]:
    touchpoints = [_touchpoint(step) for step in STEPS if step["stage"] == key]
    # Keys are unique among all elements of a map, so stages carry a prefix.
    return {
        "key": f"stage-{key}",
        "name": name,
        "customer_goal": goal,
        "sale_phase": phase,
        "touchpoints": touchpoints,
    }


def _touchpoint(step: dict[str, Any]) -> dict[str, Any]:
    lanes: dict[str, Any] = {
        lane: [{"text": text, "evidence": "assumed"} for text in step[lane]]
        for lane in ("actions", "thoughts", "pains", "gains", "opportunities")
        if lane in step
    }
    more: dict[str, Any] = {name: step[name] for name in ("moment_of_truth", "importance") if name in step}
    return {
        "key": step["key"],
        "name": step["name"],
        "kind": "website",
        "channels": ["web"],
        "owner": "Carer's Allowance service team",
        "emotions": [{"value": step["feeling"], "scale": "smaply", "evidence": "assumed"}],
        **lanes,
        **more,
    }


PERSONA = {
    "key": "grace",
    "name": "Grace",
    "archetype": "Cares for her mother, works part time",
    "goals": ["Be paid for the care she gives", "Get it done in one evening"],
    "needs": ["Plain words", "To stop and go on later"],
    "frustrations": ["Dates that nobody writes down", "Being asked twice"],
    "quote": "I am not a carer, I am her daughter.",
}


def improvements(began: datetime) -> list[dict[str, Any]]:
    """Return what was changed, and what is planned. Nobody told when the real service changed what: these are
    made up, and say so."""
    monday = began.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=began.weekday())
    made_up = "Made up for the demo: the figures are real, this change is not."
    return [
        {
            "key": "carers-list-first",
            "title": "What to have at hand is told first (made up)",
            "description": made_up,
            "at": (monday - timedelta(weeks=5)).isoformat(),
            "elements": ["eligibility", "about-you"],
            "kpis": [{"kpi": "conversion-about-you", "direction": "up", "by": 0.02}],
        },
        {
            "key": "carers-calendar",
            "title": "Breaks on a calendar (made up)",
            "description": made_up,
            "at": (monday + timedelta(weeks=5)).isoformat(),
            "elements": ["care-you-provide"],
            "kpis": [{"kpi": "conversion-care-you-provide", "direction": "up"}],
        },
    ]
