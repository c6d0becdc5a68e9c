"""The format: a header, rows by section, a trailer that counts and hashes what came before. Pure.

    {"section":"header","row":{"format":"living-maps-workspace","version":1,"sections":[…],…}}
    {"section":"personas","row":{…}}
    {"section":"trailer","row":{"counts":{"personas":1},"sha256":"…"}}

Every line ends with a line feed, the last one too; the SHA-256 is of all bytes before the trailer. Sections
stand in the order that the header lists: what a row names was written before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol, TypeVar

import msgspec

from service.errors import BadRequest, Issue, TooLarge
from service.strict_json import InvalidJson, screen

FORMAT = "living-maps-workspace"
VERSION = 1
_PIECE = 64 * 1024
HEADER, TRAILER = "header", "trailer"
LINE_MAX = 16 * 1024 * 1024
"""Bytes. The longest that we write is a draft: 4 MiB and what is said of it."""


class InvalidBundle(BadRequest):
    """400: `line` says which line of the bundle is wrong, `errors` where in it, and why."""

    code, title = "invalid_bundle", "The bundle cannot be taken in."

    def __init__(self, line: int, *issues: Issue) -> None:
        said = "; ".join(f"{issue.pointer}: {issue.detail}".lstrip(": ") for issue in issues[:3])
        super().__init__(f"Line {line}: {said}", issues=issues, members={"line": line})


class NotIncluded(msgspec.Struct, frozen=True):
    """What a bundle leaves out, and why."""

    name: str
    reason: str


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of the workspace itself."""

    name: str
    zone: str
    history_from: datetime


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The first line. Members that a later version adds are passed over."""

    format: str
    version: int
    exported_at: datetime
    workspace: Settings
    sections: tuple[str, ...]
    not_included: tuple[NotIncluded, ...] = ()


class Trailer(msgspec.Struct, frozen=True):
    counts: dict[str, int]
    sha256: str


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    section: str
    row: msgspec.Raw


T = TypeVar("T")
_line = msgspec.json.Decoder(_Line)
_header = msgspec.json.Decoder(Header)
_trailer = msgspec.json.Decoder(Trailer)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a section, as JSON. number: of the line, from 1."""

    number: int
    section: str
    row: bytes


class Stream(Protocol):
    """What lines are read from: a file, or the body of a request. Servers differ in their `readline`."""

    def read(self, size: int, /) -> bytes: ...


class _Pieces:
    """Cuts what a stream yields into lines, a piece at a time."""

    def __init__(self, stream: Stream) -> None:
        self._stream, self._rest = stream, b""

    def line(self) -> bytes:
        """Return the next line with its line feed; without it where the stream ends, or LINE_MAX."""
        found: list[bytes] = []
        piece, size = self._rest, 0
        while True:
            end = piece.find(b"\n") + 1
            if end:
                self._rest = piece[end:]
                return b"".join([*found, piece[:end]])
            found.append(piece)
            size += len(piece)
            piece = self._stream.read(_PIECE) if size <= LINE_MAX else b""
            if not piece:
                self._rest = b""
                return b"".join(found)

    def ends(self) -> bool:
        """Tell whether nothing comes any more."""
        return not (self._rest or self._stream.read(1))


def written(header: Header, rows: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """Yield the lines of a bundle. rows: (section, JSON without line feeds), in the header's order."""
    hashed, counts = sha256(), Counter(dict.fromkeys(header.sections, 0))
    first = _written(HEADER, msgspec.json.encode(header))
    hashed.update(first)
    yield first
    for section, row in rows:
        line = _written(section, row)
        counts[section] += 1
        hashed.update(line)
        yield line
    yield _written(TRAILER, msgspec.json.encode(Trailer(dict(counts), hashed.hexdigest())))


def _written(section: str, row: bytes) -> bytes:
    return b'{"section":"' + section.encode() + b'","row":' + row + b"}\n"


class Reader:
    """Reads a bundle line by line, holding one at a time. The header is read at once.

    sections: those that we know, in our order; size_max: of all bytes, None where nothing bounds them.
    Raises InvalidBundle, TooLarge.
    """

    def __init__(self, stream: Stream, sections: Sequence[str], *, size_max: int | None = None) -> None:
        self._pieces, self._size_max = _Pieces(stream), size_max
        self._hashed, self._size = sha256(), 0
        self.number = 0
        self.counts: Counter[str] = Counter()
        self.header = self._read_header(sections)

    def lines(self) -> Iterator[Line]:
        """Yield the rows. Whoever stops before the end has not seen whether the bundle is whole."""
        order = {name: place for place, name in enumerate(self.header.sections)}
        place = 0
        while True:
            data, hashed = self._next(), self._hashed.hexdigest()
            line = self._decoded(data)
            if line.section == TRAILER:
                self._check_end(line, hashed)
                return
            if line.section not in order:
                detail = f"The header lists no section {line.section[:100]!r}."
                raise InvalidBundle(self.number, Issue("/section", "unknown_section", detail))
            if order[line.section] < place:
                detail = f"Lines of {line.section} come before those of {self.header.sections[place]}."
                raise InvalidBundle(self.number, Issue("/section", "out_of_order", detail))
            place = order[line.section]
            self.counts[line.section] += 1
            self._hashed.update(data)
            yield Line(self.number, line.section, bytes(line.row))

    def _read_header(self, sections: Sequence[str]) -> Header:
        data = self._next()
        line = self._decoded(data)
        if line.section != HEADER:
            raise InvalidBundle(1, Issue("/section", "header_expected", "A bundle begins with its header."))
        self._hashed.update(data)
        header = self.shaped(_header, line.row)
        if (header.format, header.version) != (FORMAT, VERSION):
            detail = f"This service reads {FORMAT!r}, version {VERSION}."
            raise InvalidBundle(1, Issue("/row/format", "unknown_format", detail))
        known = [name for name in sections if name in header.sections]
        if known != list(header.sections):
            unknown = [name[:100] for name in header.sections if name not in sections]
            if unknown:
                detail = f"This service knows no section {unknown[0]!r}."
                raise InvalidBundle(1, Issue("/row/sections", "unknown_section", detail))
            raise InvalidBundle(1, Issue("/row/sections", "out_of_order", "Sections are in another order."))
        return header

    def _next(self) -> bytes:
        self.number += 1
        data = self._pieces.line()
        self._size += len(data)
        if self._size_max is not None and self._size > self._size_max:
            raise TooLarge(f"The limit is {self._size_max} bytes.")
        if len(data) > LINE_MAX:
            detail = f"A line has at most {LINE_MAX} bytes."
            raise InvalidBundle(self.number, Issue("", "line_too_long", detail))
        if not data.endswith(b"\n"):
            detail = "The bundle ends here, without its trailer: it was cut off."
            raise InvalidBundle(self.number, Issue("", "cut_off", detail))
        return data

    def _decoded(self, data: bytes) -> _Line:
        try:
            screen(data)
        except InvalidJson as error:
            raise InvalidBundle(self.number, *error.issues) from error
        return self.shaped(_line, data, prefix="")

    def shaped(self, decoder: msgspec.json.Decoder[T], data: bytes | msgspec.Raw, prefix: str = "/row") -> T:
        """Return what a decoder makes of JSON. Raises InvalidBundle with the place."""
        try:
            return decoder.decode(data)
        except (msgspec.ValidationError, msgspec.DecodeError) as error:
            raise InvalidBundle(self.number, issue_of(error, prefix)) from error

    def _check_end(self, line: _Line, hashed: str) -> None:
        told = self.shaped(_trailer, line.row)
        counted = {name: self.counts[name] for name in self.header.sections}
        if told.counts != counted:
            wrong = next(n for n in {**counted, **told.counts} if told.counts.get(n) != counted.get(n))
            detail = (
                f"{counted.get(wrong, 0)} lines of {wrong[:100]} came, {told.counts.get(wrong)} were sent."
            )
            raise InvalidBundle(self.number, Issue("/row/counts", "incomplete", detail))
        if told.sha256 != hashed:
            detail = "The lines are not those that were written: their SHA-256 is another one."
            raise InvalidBundle(self.number, Issue("/row/sha256", "damaged", detail))
        if not self._pieces.ends():
            detail = "There is something after the trailer."
            raise InvalidBundle(self.number + 1, Issue("", "after_the_end", detail))


def issue_of(error: msgspec.DecodeError, prefix: str = "/row") -> Issue:
    """Return what msgspec says of a value, with its place as a JSON Pointer."""
    detail, _, path = str(error).partition(" - at `")
    steps = path.rstrip("`").removeprefix("$").replace("[", ".").replace("]", "").split(".")
    return Issue(prefix + "".join(f"/{step}" for step in steps if step), "invalid", detail + ".")
