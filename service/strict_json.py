"""Strict JSON: what the service reads is what every other reader of the same bytes would read.

`loads` refuses, with the place and the rule: bytes that are not UTF-8, a byte order mark, duplicate keys,
NaN and Infinity, numbers beyond a double or a signed 64-bit integer, nesting beyond `max_depth`, the NUL
character and lone surrogates (Postgres stores neither). `screen` asks the same of a body that another
parser will decode (msgspec lets duplicate keys, NUL and depth through), and is built for the hot path:
it only decides whether to look closely. Pure.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import accumulate, islice
from typing import Any, NamedTuple

import msgspec

from service.errors import BadRequest, Issue

MAX_DEPTH = 64
MAX_INTEGER = 2**63 - 1
_MAX_NUMBER_CHARS = 64
_MAX_ISSUES = 20
_MAX_TOKEN_CHARS = 120

_FORBIDDEN_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_FORBIDDEN_CHARACTER = re.compile("[\x00\ud800-\udfff]")
_LEXEME = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
# Brackets become signed steps: +1 in, -1 out.
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
_NOT_STRUCTURE = bytes(byte for byte in range(256) if byte not in b'"[]{}')


class InvalidJson(BadRequest):
    """400: the body is not JSON as this service reads it; `issues` name place and rule."""

    code, title = "invalid_json", "The body is not strict JSON."

    def __init__(self, *issues: Issue) -> None:
        super().__init__(
            "; ".join(f"{i.pointer}: {i.detail}".lstrip(": ") for i in issues[:3]), issues=issues
        )


class _Refused(NamedTuple):
    """Stands in the parsed tree where a number was that may not be."""

    code: str
    detail: str


def loads(data: bytes, *, max_depth: int = MAX_DEPTH, exact: bool = False) -> Any:
    """Return the value that `data` writes: dict, list, str, int, float, bool or None.

    With `exact`, numbers with a fraction or exponent are `decimal.Decimal` with every digit as sent.
    Raises InvalidJson: `invalid_utf8`, `byte_order_mark`, `syntax` and `too_deep` name a byte position,
    `duplicate_key`, `not_finite`, `number_out_of_range`, `nul_character` and `lone_surrogate` a JSON Pointer.
    """
    text = _decode(data)
    _refuse_depth(data, max_depth)
    numbers = _Numbers(exact)
    doubled = _Doubled()
    try:
        value = json.loads(
            text,
            object_pairs_hook=doubled.read_object,
            parse_float=numbers.read_float,
            parse_int=numbers.read_int,
            parse_constant=numbers.refuse_constant,
        )
        suspect = doubled.found or numbers.refused or _FORBIDDEN_ESCAPE.search(data)
        offences = list(islice(_offences(value, "", doubled), _MAX_ISSUES)) if suspect else []
    except json.JSONDecodeError as error:
        position = len(text[: error.pos].encode())
        where = f"byte {position} (line {error.lineno}, column {error.colno})"
        raise InvalidJson(Issue("", "syntax", f"{error.msg} at {where}.")) from None
    except RecursionError:  # the caller's own stack is nearly used up
        raise InvalidJson(Issue("", "too_deep", "Nested too deeply to be read here.")) from None
    if offences:
        raise InvalidJson(*offences)
    return value


def screen(data: bytes, *, max_depth: int = MAX_DEPTH) -> None:
    """Refuse what msgspec would let through: duplicate keys, NUL, depth. Raises InvalidJson as `loads` does.

    Numbers are left to the types that the body is then decoded into.
    Everything here runs at C speed and has no false negative: a duplicate key is lost by decoding, so
    encoding what was decoded writes fewer quotation marks than the body has.
    """
    try:
        again = msgspec.json.encode(msgspec.json.decode(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        loads(data, max_depth=max_depth)
        return
    bare = _without_escapes(data)
    doubled = bare.count(b'"') != _without_escapes(again).count(b'"')
    null = b"\\" in data and b"\\u0000" in data
    if doubled or null or _depth(bare) > max_depth:
        loads(data, max_depth=max_depth)


class _Doubled:
    """Reads objects and remembers those in which a key was written twice, with that key."""

    def __init__(self) -> None:
        # The object is kept beside its key: were it freed, a later one could get its id.
        self.found: dict[int, tuple[dict[str, Any], str]] = {}

    def read_object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        read = dict(pairs)
        if len(read) != len(pairs):
            counted = Counter(key for key, _ in pairs)
            self.found[id(read)] = read, next(key for key in counted if counted[key] > 1)
        return read

    def key_of(self, read: dict[str, Any]) -> str | None:
        return self.found[id(read)][1] if id(read) in self.found else None


class _Numbers:
    """Reads number literals; what is out of bounds becomes `_Refused` in the tree."""

    def __init__(self, exact: bool) -> None:
        self.refused = False
        self.exact = exact

    def _refuse(self, code: str, detail: str) -> _Refused:
        self.refused = True
        return _Refused(code, detail)

    def read_int(self, literal: str) -> int | _Refused:
        # 19 digits and a sign: int() of a hundred thousand digits would cost quadratic time.
        if len(literal) > 20 or not -MAX_INTEGER - 1 <= (number := int(literal)) <= MAX_INTEGER:
            return self._refuse("number_out_of_range", "Integers must fit 64 bits with a sign.")
        return number

    def read_float(self, literal: str) -> float | Decimal | _Refused:
        if len(literal) > _MAX_NUMBER_CHARS:
            detail = f"Numbers have at most {_MAX_NUMBER_CHARS} characters."
            return self._refuse("number_out_of_range", detail)
        double = float(literal)
        if double == 0:
            # Decimal would keep the exponent of a zero, and write it out in as many digits later.
            literal = literal.lower().partition("e")[0]
        if math.isinf(double) or (double == 0 and literal.strip("-.0")):
            return self._refuse("number_out_of_range", "Numbers must lie within the range of a double.")
        return Decimal(literal) if self.exact else double

    def refuse_constant(self, literal: str) -> _Refused:
        return self._refuse("not_finite", f"{literal} is not JSON.")


def _decode(data: bytes) -> str:
    if data.startswith(b"\xef\xbb\xbf"):
        raise InvalidJson(Issue("", "byte_order_mark", "Starts with a byte order mark; send plain UTF-8."))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidJson(Issue("", "invalid_utf8", f"Not UTF-8 at byte {error.start}.")) from None


def _without_escapes(data: bytes) -> bytes:
    """Return the bytes without escaped backslashes and quotation marks: every `"` left bounds a string."""
    if b"\\" not in data:  # one byte is found by memchr, ten times as fast as two
        return data
    return data.replace(b"\\\\", b"").replace(b'\\"', b"")


def _depth(bare: bytes) -> int:
    """Return how deeply the brackets outside strings nest, reading no further into the grammar."""
    steps = b"".join(bare.translate(_STEPS, _NOT_STRUCTURE).split(b'"')[::2])
    return max(accumulate(memoryview(steps).cast("b")), default=0)


def _refuse_depth(data: bytes, max_depth: int) -> None:
    if _depth(_without_escapes(data)) <= max_depth:
        return
    depth = 0
    for lexeme in _LEXEME.finditer(data):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(lexeme[0], 0)
        if depth > max_depth:
            detail = f"Nested more than {max_depth} levels at byte {lexeme.start()}."
            raise InvalidJson(Issue("", "too_deep", detail))


def _offences(value: Any, pointer: str, doubled: _Doubled) -> Iterator[Issue]:
    """Walk a tree of at most `max_depth` levels and yield what is wrong, in document order."""
    if isinstance(value, _Refused):
        yield Issue(pointer, value.code, value.detail)
    elif isinstance(value, str):
        yield from _forbidden(value, pointer, "a string")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _offences(item, f"{pointer}/{index}", doubled)
    elif isinstance(value, dict):
        if (twice := doubled.key_of(value)) is not None:
            yield Issue(f"{pointer}/{_token(twice)}", "duplicate_key", "The key is there more than once.")
        for key, item in value.items():
            inner = f"{pointer}/{_token(key)}"
            yield from _forbidden(key, inner, "a key")
            yield from _offences(item, inner, doubled)


def _forbidden(text: str, pointer: str, what: str) -> Iterator[Issue]:
    if (match := _FORBIDDEN_CHARACTER.search(text)) is None:
        return
    if match[0] == "\x00":
        yield Issue(pointer, "nul_character", f"The NUL character is in {what}.")
    else:
        yield Issue(pointer, "lone_surrogate", f"Half of a surrogate pair is in {what}.")


def _token(key: str) -> str:
    """Return a key as a reference token of a JSON Pointer (RFC 6901) that can be shown and encoded."""
    shown = key if len(key) <= _MAX_TOKEN_CHARS else key[:_MAX_TOKEN_CHARS] + "…"
    safe = _FORBIDDEN_CHARACTER.sub(lambda match: f"\\u{ord(match[0]):04x}", shown)
    return safe.replace("~", "~0").replace("/", "~1")
