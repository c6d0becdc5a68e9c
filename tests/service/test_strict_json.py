"""Strict JSON: a table of refusals with place and rule, agreement with `json`, and the fast screen."""

import json
import math
import sys
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.strict_json import InvalidJson, loads, screen

REFUSED: list[tuple[bytes, str, str]] = [
    # body, code, JSON Pointer
    (b"", "syntax", ""),
    (b"   ", "syntax", ""),
    (b"{", "syntax", ""),
    (b"[1,]", "syntax", ""),
    (b"{'a': 1}", "syntax", ""),
    (b"[1] 2", "syntax", ""),
    (b"01", "syntax", ""),
    (b"+1", "syntax", ""),
    (b".5", "syntax", ""),
    (b"1.", "syntax", ""),
    (b"tru", "syntax", ""),
    (b'"\\x"', "syntax", ""),
    (b'"a\nb"', "syntax", ""),
    (b'"\x00"', "syntax", ""),
    (b'"\x1f"', "syntax", ""),
    (b'["\\"]', "syntax", ""),
    (b"// note\n1", "syntax", ""),
    (b"\xef\xbb\xbf{}", "byte_order_mark", ""),
    (b"\xff\xfe1\x00", "invalid_utf8", ""),
    ('{"a": 1}'.encode("utf-16"), "invalid_utf8", ""),
    (b'"caf\xe9"', "invalid_utf8", ""),
    (b'"\xc0\x80"', "invalid_utf8", ""),
    (b'"\xed\xa0\x80"', "invalid_utf8", ""),
    (b"NaN", "not_finite", ""),
    (b'{"kpi": [1, NaN]}', "not_finite", "/kpi/1"),
    (b'{"a": Infinity}', "not_finite", "/a"),
    (b'{"a": -Infinity}', "not_finite", "/a"),
    (b'{"a": 1e999}', "number_out_of_range", "/a"),
    (b'{"a": -1e999}', "number_out_of_range", "/a"),
    (b'{"a": 1e-999}', "number_out_of_range", "/a"),
    (b"[9223372036854775808]", "number_out_of_range", "/0"),
    (b"[-9223372036854775809]", "number_out_of_range", "/0"),
    (b"[" + b"9" * 100_000 + b"]", "number_out_of_range", "/0"),
    (b"[0." + b"1" * 100_000 + b"]", "number_out_of_range", "/0"),
    (b"1e99999999999999999999", "number_out_of_range", ""),
    (b'{"a": 1, "a": 1}', "duplicate_key", "/a"),
    (b'{"a": 1, "\\u0061": 1}', "duplicate_key", "/a"),
    (b'{"": 1, "": 1}', "duplicate_key", "/"),
    (b'{"x": [{"y": 1}, {"y/z~": 1, "y/z~": 2}]}', "duplicate_key", "/x/1/y~1z~0"),
    (b'{"a": "\\u0000"}', "nul_character", "/a"),
    (b'{"a\\u0000": 1}', "nul_character", "/a\\u0000"),
    (b'{"a": ["\\\\\\u0000"]}', "nul_character", "/a/0"),
    (b'"\\ud800"', "lone_surrogate", ""),
    (b'"\\uDFFF"', "lone_surrogate", ""),
    (b'"\\udc00\\ud800"', "lone_surrogate", ""),
    (b'{"a": {"\\ud83d": 1}}', "lone_surrogate", "/a/\\ud83d"),
    (b"[" * 65 + b"]" * 65, "too_deep", ""),
    (b'{"a":' * 65 + b"1" + b"}" * 65, "too_deep", ""),
    (b'[{"a":' * 33 + b"1" + b"}]" * 33, "too_deep", ""),
    (b"[" * 100_000, "too_deep", ""),
    (b"[" * 100_000 + b"]" * 100_000, "too_deep", ""),
    (b'{"a":' * 100_000, "too_deep", ""),
    (b'["]",' * 70 + b"1" + b',"["]' * 70, "too_deep", ""),
]

ACCEPTED: list[tuple[bytes, Any]] = [
    (b" {} ", {}),
    (b"null", None),
    (b"-0", 0),
    (b"-0.0", 0.0),
    (b"0e9", 0.0),
    (b"0e99999999999999999999", 0.0),
    (b"1e308", 1e308),
    (b"5e-324", 5e-324),
    (b"9223372036854775807", 2**63 - 1),
    (b"-9223372036854775808", -(2**63)),
    (b'{"a": 1, "A": 2, "a ": 3}', {"a": 1, "A": 2, "a ": 3}),
    (b'[{"a": 1}, {"a": 1}]', [{"a": 1}, {"a": 1}]),
    (b'"\\ud83d\\ude00"', "\U0001f600"),
    ('"\U0001f600 é"'.encode(), "\U0001f600 é"),
    (b'"\\\\u0000"', "\\u0000"),
    (b'"\\\\ud800"', "\\ud800"),
    (b'"\\u0001\\n\x7f"', "\x01\n\x7f"),
    (b'"[[[{{{\\"[["', '[[[{{{"[['),
    (b'["\\\\", "]", "\\\\\\"["]', ["\\", "]", '\\"[']),
    (b"[" * 64 + b"]" * 64, json.loads("[" * 64 + "]" * 64)),
]


def _codes(refusal: InvalidJson) -> list[tuple[str, str]]:
    return [(issue.code, issue.pointer) for issue in refusal.issues]


@pytest.mark.parametrize(("body", "code", "pointer"), REFUSED, ids=lambda v: repr(v)[:40])
def test_a_refusal_names_the_rule_and_the_place(body: bytes, code: str, pointer: str) -> None:
    with pytest.raises(InvalidJson) as caught:
        loads(body)
    assert (code, pointer) in _codes(caught.value)
    assert caught.value.status == 400
    assert caught.value.code == "invalid_json"
    json.dumps([issue.detail + issue.pointer for issue in caught.value.issues]).encode()


@pytest.mark.parametrize(("body", "value"), ACCEPTED, ids=lambda v: repr(v)[:40])
def test_what_is_strict_json_is_read(body: bytes, value: Any) -> None:
    assert loads(body) == value
    screen(body)


@pytest.mark.parametrize(("body", "code", "pointer"), REFUSED, ids=lambda v: repr(v)[:40])
def test_screen_and_msgspec_together_refuse_whatever_loads_refuses(
    body: bytes, code: str, pointer: str
) -> None:
    if code == "number_out_of_range":
        return  # bounded by the types that the hot path decodes into
    with pytest.raises(InvalidJson) as caught:
        screen(body)
    assert (code, pointer) in _codes(caught.value)


def test_places_are_named_for_a_reader() -> None:
    with pytest.raises(InvalidJson) as syntax:
        loads('{"é": 1,\n "b" 2}'.encode())
    assert syntax.value.issues[0].detail == "Expecting ':' delimiter at byte 15 (line 2, column 6)."
    with pytest.raises(InvalidJson) as depth:
        loads(b' {"a": "[[", "b": [[[[1]]]]}', max_depth=3)
    assert depth.value.issues[0].detail == "Nested more than 3 levels at byte 20."


def test_all_offences_come_at_once_in_document_order_and_no_more_than_twenty() -> None:
    with pytest.raises(InvalidJson) as caught:
        loads(b'{"a": NaN, "b": {"c": 1, "c": 2}, "d": "\\u0000", "e": 1e999}')
    assert _codes(caught.value) == [
        ("not_finite", "/a"),
        ("duplicate_key", "/b/c"),
        ("nul_character", "/d"),
        ("number_out_of_range", "/e"),
    ]
    with pytest.raises(InvalidJson) as many:
        loads(b"[" + b",".join([b"NaN"] * 500) + b"]")
    assert len(many.value.issues) == 20


def test_an_offence_in_a_value_that_a_later_duplicate_hides_is_still_a_refusal() -> None:
    with pytest.raises(InvalidJson) as caught:
        loads(b'{"a": {"n": NaN, "n": 1}, "a": {}, "b": {"x": 1}, "c": {"y": 2}}')
    assert _codes(caught.value) == [("duplicate_key", "/a")]


def test_long_keys_are_shortened_in_pointers() -> None:
    with pytest.raises(InvalidJson) as caught:
        loads(b'{"%s": NaN}' % (b"k" * 100_000))
    assert len(caught.value.issues[0].pointer) < 200


def test_exact_numbers_keep_every_digit_and_zeros_lose_their_exponent() -> None:
    got = loads(b"[0.100000000000000000001, 1E2, 7, 0e99999999999999999999, -0.00]", exact=True)
    assert [str(number) for number in got] == ["0.100000000000000000001", "1E+2", "7", "0", "-0.00"]
    assert isinstance(got[1], Decimal)
    assert isinstance(got[2], int)
    with pytest.raises(InvalidJson):
        loads(b"[1e-99999999]", exact=True)


def test_a_caller_whose_stack_is_nearly_used_up_gets_the_refusal_too() -> None:
    body = b"[" * 64 + b"]" * 64

    def deeper(left: int) -> str:
        if left:
            return deeper(left - 1)
        try:
            loads(body)
        except InvalidJson as refusal:
            return refusal.issues[0].code
        return "read"

    frame, used = sys._getframe(), 0
    while frame.f_back is not None:
        frame, used = frame.f_back, used + 1
    # Frames are left for loads itself, not for 64 levels of the C scanner (which 3.12 counts apart).
    found = {deeper(sys.getrecursionlimit() - used - spare) for spare in (25, 40, 60)}
    assert found <= {"read", "too_deep"}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])), inner, max_size=5
        )
    ),
    max_leaves=30,
)


@given(json_values, st.booleans(), st.sampled_from([None, 2]))
def test_every_json_value_survives(value: Any, ascii_only: bool, indent: int | None) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    assert loads(body) == value
    screen(body)


STRUCTURE = ["{", "}", "[", "]", ",", ":", '"', " ", '"a"', '"a":', "1", "-1e9", "1e999", "NaN", "null"]
TROUBLE = [
    "\\",
    '\\"',
    "\\u0000",
    "\\ud800",
    "\\udc00",
    '"\\\\"',
    "é",
    "\x00",
    '"]["',
    '{"a":1,"a":2}',
    "\ufeff",
]
fragments = st.sampled_from(STRUCTURE + TROUBLE)


def _json_or_none(body: bytes) -> tuple[bool, Any]:
    try:
        return True, json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return False, None


@given(st.lists(fragments, max_size=12).map(lambda parts: "".join(parts).encode()) | st.binary(max_size=40))
@example(b'["[","]"]')
@example(b'{"a":"\\\\","a":"\\""}')
def test_whatever_arrives_is_either_read_as_json_reads_it_or_refused_by_name(body: bytes) -> None:
    readable, value = _json_or_none(body)
    try:
        got = loads(body)
    except InvalidJson as refusal:
        assert refusal.issues  # noqa: PT017
    else:
        assert readable
        assert got == value
    try:
        screen(body)
        decoded = msgspec.json.decode(body)
    except (InvalidJson, msgspec.DecodeError):
        return
    # What passes the screen and msgspec has no more than number bounds to fear from `loads`.
    try:
        assert loads(body) == decoded
    except InvalidJson as refusal:
        assert {issue.code for issue in refusal.issues} == {"number_out_of_range"}  # noqa: PT017


@given(st.lists(st.tuples(st.text('ab\\"[]{},:é', max_size=3), st.integers(0, 9)), max_size=6), st.booleans())
def test_the_screen_finds_a_duplicate_key_exactly_when_there_is_one(
    pairs: list[tuple[str, int]], ascii_only: bool
) -> None:
    members = ",".join(f"{json.dumps(key, ensure_ascii=ascii_only)}:{number}" for key, number in pairs)
    body = f'[{{{members}}}, "{{]"]'.encode()
    doubled = len({key for key, _ in pairs}) < len(pairs)
    try:
        screen(body)
    except InvalidJson as refusal:
        assert {issue.code for issue in refusal.issues} == {"duplicate_key"}  # noqa: PT017
        assert doubled
    else:
        assert not doubled


@given(st.integers(1, 90), st.text('[]{}",\\:', max_size=6), st.booleans())
def test_depth_is_counted_exactly_whatever_the_strings_hold(depth: int, noise: str, objects: bool) -> None:
    opening, closing = ('{"k":', "}") if objects else ("[", "]")
    body = (opening * depth + json.dumps(noise) + closing * depth).encode()
    if depth <= 64:
        loads(body)
        screen(body)
        return
    for reader in (loads, screen):
        with pytest.raises(InvalidJson) as caught:
            reader(body)
        assert _codes(caught.value) == [("too_deep", "")]


def test_doubles_are_read_to_the_last_bit() -> None:
    for number in (0.1, 1 / 3, math.pi, 1e-7, 123456789.123456789):
        assert loads(repr(number).encode()) == number
