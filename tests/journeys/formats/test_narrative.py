"""The story as Markdown: everything that people wrote is in it, and is text."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from journeys.document.minting import with_ids
from journeys.document.shape import Document
from journeys.document.validate import parse
from journeys.formats.narrative import write_narrative
from tests.journeys.document.strategies import documents, minter

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

RAW = {
    "name": "Renting a *flat*",
    "actor_kind": "tenant",
    "scenario": "In spring",
    "customer_goal": "A home",
    "cyclic": True,
    "review": {"owner": "Homes", "cadence": "monthly", "next_on": "2026-12-01"},
    "personas": [{"name": "Ada", "key": "ada", "goals": ["Two rooms"], "quote": "I have no time."}],
    "lanes": [{"key": "systems", "label": "Systems"}],
    "stages": [
        {
            "name": "Search",
            "customer_goal": "Find one",
            "funnel_position": "tofu",
            "touchpoints": [
                {
                    "name": "Reads adverts",
                    "key": "adverts",
                    "channels": ["web", "email"],
                    "moment_of_truth": True,
                    "owner": "Web team",
                    "duration_s": 5400,
                    "actions": [{"text": "Scrolls"}],
                    "pains": [
                        {
                            "text": "Stale <b>adverts</b>",
                            "evidence": "observed",
                            "source": "Survey",
                            "date": "2026-03-31",
                        }
                    ],
                    "opportunities": [{"text": "Alerts", "impact": 0.9, "effort": 0.2}],
                    "links": [{"href": "https://example.org/a_(b)", "text": "Board"}],
                    "lane_items": {"systems": [{"text": "Portal"}]},
                    "emotions": [{"scale": "smaply", "value": -1, "persona": "ada", "label": "annoyed"}],
                },
                {"name": "Visits", "key": "visit"},
            ],
        }
    ],
    "transitions": [{"from": "adverts", "to": "visit", "likelihood": 0.4, "label": "keen"}],
}
STORY = """# Renting a \\*flat\\*

The journey of a tenant, as it is.

- **Situation:** In spring
- **Goal:** A home

## Who

### Ada

> I have no time.

**Wants**

- Two rooms

## 1. Search

Top of the funnel.

- **Goal:** Find one

### Reads adverts

By Web, E-mail, **a moment of truth**, owned by Web team, takes 1.5 hours.

**How it feels: −0.5 of −1 to +1**

- Ada: annoyed (-1 on smaply), −0.5

**What happens**

- Scrolls

**What hurts**

- Stale \\<b\\>adverts\\</b\\> — *observed, Survey, 31 Mar 2026*

**What could be better**

- Alerts (impact 90 %, effort 20 %)

**Systems**

- Portal

**See also**

- [Board](https://example.org/a_%28b%29)

**From here**

- 40 % → Visits (keen)

### Visits

Then it begins again with *Search*.

---

*Kept by Homes, looked at monthly, next on 1 Dec 2026.*
"""


def test_the_story() -> None:
    written = write_narrative(with_ids(parse(RAW), minter()))
    assert written.content.decode() == STORY
    assert written.losses == ()


def test_what_the_story_leaves_out_is_told() -> None:
    raw = {**RAW, "attributes": {"team": "x"}}
    [loss] = write_narrative(with_ids(parse(raw), minter())).losses
    assert (loss.place, loss.weight) == ("/attributes", "lossy")


@calm
@given(documents())
def test_every_document_has_its_story(document: Document) -> None:
    text = write_narrative(document).content.decode()
    for stage in document.stages:
        assert text.count("## ") >= len(document.stages), stage.name
    assert "<" not in text.replace("\\<", "")
