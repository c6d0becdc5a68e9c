"""The demo: real figures replayed as they were, made-up ones that repeat, a load that can be begun again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from config.demo import carers_measures, generator, place, replay
from service.models import Due, Workspace
from tests.conftest import Tenant

BEGAN = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def starts(rows: list[dict[str, Any]]) -> list[date]:
    return [datetime.fromisoformat(row["start"]).date() for row in rows]


def test_dates_move_by_whole_weeks_so_that_the_replay_ends_now() -> None:
    end = BEGAN + timedelta(seconds=replay.DAY_S * (replay.REPLAYED_DAYS + 1))
    body = replay.feed(BEGAN, end)
    assert {start.weekday() for start in starts(body["visitors"])} == {0}
    assert BEGAN.date() - timedelta(days=14) < max(starts(body["visitors"])) <= BEGAN.date()
    assert max(starts(body["satisfaction"])) < end.date()


def test_figures_appear_when_their_time_is_over_and_stay_what_they_were() -> None:
    early = replay.feed(BEGAN, BEGAN)
    late = replay.feed(BEGAN, BEGAN + timedelta(seconds=replay.DAY_S * 10))
    for name in ("visitors", "claims", "satisfaction"):
        assert [row for row in late[name] if row in early[name]] == early[name]
        assert len(late[name]) >= len(early[name])
    assert len(late["satisfaction"]) > len(early["satisfaction"])


def test_what_was_not_measured_is_null() -> None:
    sent = {row["visitors"] for row in replay.feed(BEGAN, BEGAN)["visitors"]}
    assert None in sent
    assert 0 not in sent


def test_what_the_generator_says_of_an_instant_it_says_again() -> None:
    every = timedelta(seconds=4)
    assert generator.present(BEGAN, every) == generator.present(BEGAN, every)
    past = [item for batch in generator.past(BEGAN) for item in batch]
    ids = [item["id"] for item in past if "id" in item]
    assert len(ids) == len(set(ids)) > 1000
    for item in past:
        if "part" in item:
            assert 0 <= item["part"] <= item["whole"]


def test_the_demo_shows_a_total_that_its_parts_do_not_come_to_in_every_fourth_week() -> None:
    past = [item for batch in generator.past(BEGAN) for item in batch]
    sent = {item["start"]: item["count"] for item in past if item["kind"] == "begun"}
    parts = [item for item in past if item["kind"] == "begun-by-channel"]
    summed = {week: sum(one["count"] for one in parts if one["start"] == week) for week in sent}
    assert len(sent) == generator.WEEKS
    assert sum(summed[week] < 0.9 * sent[week] for week in sent) == generator.WEEKS // 4
    assert sum(summed[week] == sent[week] for week in sent) == generator.WEEKS * 3 // 4


def test_no_more_answer_than_were_asked_and_some_claims_are_not_plausible() -> None:
    body = replay.feed(BEGAN, BEGAN + timedelta(seconds=replay.DAY_S * 10))
    kpis = {one["key"]: one for one in carers_measures.kpis()}
    asked = {
        one["start"]: one["visitors"]
        for one in body["visitors"]
        if f"visitors-{one['step']}" == kpis["satisfaction"]["invited_kpi"] and one["visitors"]
    }
    rates = [
        sum(one["answers"].values()) / asked[one["start"]]
        for one in body["satisfaction"]
        if one["start"] in asked and one["answers"]["5"] is not None
    ]
    assert rates
    assert 0 < min(rates) <= max(rates) < 1
    high = kpis["digital-share"]["plausibility"]["high"]
    odd = [one for one in body["claims"] if one["all"] and one["digital"] / one["all"] > high]
    assert 0 < len(odd) < 5


def test_a_load_that_broke_off_can_be_begun_again(tenant: Tenant) -> None:
    with pytest.raises(CommandError, match="refused a part of the demo"):
        call_command("load_demo", "--base-url", "http://127.0.0.1:1", "--feed-url", "http://127.0.0.1:1")
    assert place.workspace() is None
    broken = Workspace.objects.filter(name=place.LOADING)
    assert broken.exists()
    assert not Due.objects.filter(workspace__in=broken).exists()
