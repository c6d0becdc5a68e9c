"""Kinds of how people get on: from step to step, through a task, in time."""

from __future__ import annotations

from dataclasses import replace

from kpis.series.kinds_rows import D0, D1, PARTS, durations, mean_first, rate
from kpis.series.method import Kind, Method

_converted = replace(
    rate("converted_over_entered", "converted", "entered", "step analytics"), windowed=True, period="week"
)
_went_on = Method(
    "one_minus_conversion",
    "complement",
    "(entered - went on) / entered",
    "fraction",
    PARTS,
    "1 - step conversion",
    "down",
    D0,
    D1,
    counted=True,
    windowed=True,
    period="week",
)
_lost_of_entered = replace(
    _converted,
    key="lost_over_entered",
    formula="left / entered",
    direction="down",
)
_completed = rate("completed_over_attempted", "completed", "attempted", "usability testing")
_credit = replace(
    _completed,
    key="credit_over_attempted",
    formula="Σ credit of the attempts (1 completed, 0.5 with help, 0 failed) / attempted",
    source="usability testing, partial success",
    counted=False,
    credited=True,
)
_handling = Method(
    "per_contact",
    "ratio",
    "(talk + hold + wrap-up seconds) / contacts",
    "seconds",
    PARTS,
    "ultimate.ai: shorter alone is not better",
    "none",
    D0,
    credited=True,
    period="week",
)
# Web analytics tell means alone, and their visitors: of these nobody can make a median.
_on_page = mean_first(durations("web analytics: weighted by visitors", "none"))

STEPS = (
    Kind("conversion", "Conversion", (_converted,)),
    Kind("drop_off", "Drop-off", (_went_on, _lost_of_entered)),
    Kind("abandonment", "Abandonment", (_went_on, _lost_of_entered)),
    Kind("share", "Share of a whole", (rate("part_over_whole", "part", "whole", "plain"),)),
    Kind("task_success", "Task success", (_completed, _credit), known_as=("completion rate",)),
    Kind(
        "fcr",
        "First-contact resolution",
        (rate("solved_first", "solved at first contact", "all", "helpino.co"),),
    ),
    Kind("time_on_task", "Time on task", durations("usability testing")),
    Kind("time_on_page", "Time on page", _on_page),
    Kind("time_in_stage", "Time in stage", durations("pipeline analytics")),
    Kind("resolution_time", "Resolution time", durations("service desks: closed cases only")),
    Kind("first_response_time", "First response time", durations("service desks")),
    Kind(
        "aht",
        "Average handling time",
        (_handling, *durations("ultimate.ai: shorter alone is not better", "none")),
        known_as=("AHT",),
    ),
)
