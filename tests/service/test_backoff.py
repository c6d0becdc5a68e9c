"""Backoff: a table of delays, bounds that hold for every attempt, and Retry-After from strangers."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.backoff import MAX_RETRY_AFTER_S, asked_wait_s, delay_s, next_attempt_at, parse_retry_after

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempt", "expected_s"), [(1, 5), (2, 10), (3, 20), (4, 40), (7, 320), (8, 600), (10**9, 600)]
)
def test_the_delay_doubles_up_to_its_cap(attempt: int, expected_s: float) -> None:
    assert delay_s(attempt, seed="x", base_s=5, cap_s=600, jitter=0) == expected_s


@given(st.integers(1, 200), st.text(max_size=20), st.floats(0, 1))
def test_jitter_stays_within_its_share_and_is_the_same_each_time(
    attempt: int, seed: str, jitter: float
) -> None:
    plain = delay_s(attempt, seed="", base_s=2, cap_s=3600, jitter=0)
    spread = delay_s(attempt, seed=seed, base_s=2, cap_s=3600, jitter=jitter)
    assert plain * (1 - jitter) * 0.999999 <= spread <= plain * (1 + jitter) * 1.000001
    assert spread == delay_s(attempt, seed=seed, base_s=2, cap_s=3600, jitter=jitter)


def test_rows_that_failed_together_spread_evenly() -> None:
    delays = [delay_s(1, seed=str(n), base_s=100, cap_s=100, jitter=0.2) for n in range(1_000)]
    assert 98 < sum(delays) / 1_000 < 102
    assert min(delays) < 82
    assert max(delays) > 118
    assert delay_s(1, seed="a", base_s=1, cap_s=9) != delay_s(2, seed="a", base_s=1, cap_s=9) / 2


@pytest.mark.parametrize("wrong", [{"attempt": 0}, {"base_s": 0}, {"cap_s": 1}, {"jitter": 1.5}])
def test_a_wrong_timetable_is_a_mistake_of_ours(wrong: dict[str, float]) -> None:
    arguments = {"attempt": 1, "base_s": 5.0, "cap_s": 60.0, "jitter": 0.2} | wrong
    with pytest.raises(ValueError, match="attempt starts at 1"):
        delay_s(int(arguments.pop("attempt")), seed="x", **arguments)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("9" * 5_000, 86_400.0),
        ("Sat, 21 Nov 2026 09:02:00 GMT", 120.0),
        ("Saturday, 21-Nov-26 09:02:00 GMT", 120.0),
        ("Sat Nov 21 09:02:00 2026", 120.0),
        ("Sat, 21 Nov 2026 11:02:00 +0200", 120.0),
        ("Sat, 21 Nov 2026 09:02:00 -0000", 120.0),
        ("Sat, 21 Nov 2026 08:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400.0),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 86_400.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("1e3", None),
        ("٣", None),
        ("²", None),
        ("Sat, 99 Nov 2026 09:02:00 GMT", None),
        ("Sat, 21 Nov 2026", None),
        ("\x00", None),
    ],
)
def test_retry_after_in_both_forms_and_from_strangers(value: str, seconds: float | None) -> None:
    assert parse_retry_after(value, AT) == seconds


@given(st.text())
def test_no_header_breaks_the_parser_or_the_bounds(value: str) -> None:
    found = parse_retry_after(value, AT, cap_s=60)
    assert found is None or 0 <= found <= 60


def test_the_next_attempt_is_no_sooner_than_the_peer_asked() -> None:
    plain = next_attempt_at(AT, 1, seed="x", base_s=10, cap_s=60)
    assert timedelta(seconds=8) <= plain - AT <= timedelta(seconds=12)
    assert next_attempt_at(AT, 1, seed="x", base_s=10, cap_s=60, retry_after_s=1) == plain
    later = next_attempt_at(AT, 1, seed="x", base_s=10, cap_s=60, retry_after_s=300)
    assert later == AT + timedelta(minutes=5)
    zoned = AT.astimezone(timezone(timedelta(hours=5)))
    assert next_attempt_at(zoned, 1, seed="x", base_s=10, cap_s=60) == plain


@pytest.mark.parametrize(
    ("headers", "asked_s"),
    [
        ({"Retry-After": "93", "X-RateLimit-Reset": "5"}, 93),
        # SendGrid: Unix time
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(AT.timestamp()) + 40)}, 40),
        # SurveyMonkey: seconds, and only the limit that was reached
        (
            {
                "X-Ratelimit-App-Global-Day-Remaining": "400",
                "X-Ratelimit-App-Global-Day-Reset": "50000",
                "X-Ratelimit-App-Global-Minute-Remaining": "0",
                "X-Ratelimit-App-Global-Minute-Reset": "17",
            },
            17,
        ),
        ({"ratelimit-reset": "1.5"}, 1.5),
        ({"X-RateLimit-Reset": str(int(AT.timestamp()) - 5)}, 0),
        ({"X-RateLimit-Reset": "9" * 12}, MAX_RETRY_AFTER_S),
        ({"X-RateLimit-Reset": "Tue, 13 Mar 2018 00:00:00 GMT"}, None),
        ({"X-RateLimit-Reset": "9" * 40}, None),
        ({"X-RateLimit-Remaining": "5", "X-RateLimit-Reset": "5"}, None),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "5"}, None),
        ({"Password-Reset": "5"}, None),
        ({}, None),
    ],
)
def test_what_a_refusal_asks_for(headers: dict[str, str], asked_s: float | None) -> None:
    assert asked_wait_s(headers, AT) == asked_s
    lower = {name if name == "Retry-After" else name.lower(): value for name, value in headers.items()}
    assert asked_wait_s(lower, AT) == asked_s


@given(st.dictionaries(st.sampled_from(["x-ratelimit-reset", "x-ratelimit-remaining", "a"]), st.text()))
def test_a_stranger_asks_for_a_day_at_most(headers: dict[str, str]) -> None:
    wait_s = asked_wait_s(headers, AT)
    assert wait_s is None or 0 <= wait_s <= MAX_RETRY_AFTER_S
