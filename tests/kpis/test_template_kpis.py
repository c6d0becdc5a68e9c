"""What shipped templates suggest to measure can be measured: every kind is one that there is."""

from __future__ import annotations

import re

import pytest

from journeys.queries import shipped_templates
from kpis.series.kinds import KINDS

_SUGGESTION = re.compile(r"([a-z_]+)(?: \(([^()]+)\))?")
_NEEDS_WORDS = {"share", "count", "gauge", "ratio", "custom"}
KNOWN = set(KINDS)


@pytest.mark.parametrize("key", sorted(shipped_templates()))
def test_suggestions_are_kinds_of_kpi(key: str) -> None:
    """ "csat, share (on time)": the kind, and in brackets what is counted where the kind does not say it."""
    for stage in shipped_templates()[key].document["stages"]:
        for touchpoint in stage["touchpoints"]:
            for suggestion in touchpoint["attributes"]["suggested_kpis"].split(", "):
                match = _SUGGESTION.fullmatch(suggestion)
                assert match, suggestion
                assert match[1] in KNOWN
                assert match[2] or match[1] not in _NEEDS_WORDS
