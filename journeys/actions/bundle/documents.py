"""Documents of a bundle: every digest is worked out anew, every document is parsed. Bodies come first."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any

import msgspec

from journeys.document.bodies import Body, Manifest, Placed, assemble
from journeys.document.canonical import canonical, encode
from journeys.document.validate import parse
from journeys.models import Element
from service.bundle.intake import Shaped, insert
from service.bundle.lines import InvalidBundle, Line, issue_of
from service.errors import BadRequest, Issue

Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
Whole = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class BodyShape(msgspec.Struct, forbid_unknown_fields=True):
    digest: Digest
    content: msgspec.Raw


_INSERT_BODIES = """
INSERT INTO body (workspace_id, digest, content)
SELECT %(workspace)s, decode(digest, 'hex'), decode(content, 'hex')
FROM json_to_recordset(%(rows)s::json) AS r (digest text, content text)
"""


class _BodyRow(msgspec.Struct):
    digest: str
    content: str


def body_of(line: Line, content: msgspec.Raw) -> Body:
    """Return content in its one spelling, however the bundle spells it. Raises InvalidBundle."""
    try:
        plain = msgspec.json.decode(content, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise InvalidBundle(line.number, issue_of(error)) from error
    data = encode(plain)
    return Body(data, sha256(data).digest())


class BodyTaker:
    """Takes bodies, if they are what their digest is of."""

    def __init__(self, *, workspace_id: uuid.UUID, at: datetime) -> None:
        self.workspace_id = workspace_id
        self._shaped = Shaped(BodyShape, at=at)

    def take(self, lines: Sequence[Line]) -> None:
        rows = []
        for line, row in zip(lines, self._shaped.rows(lines), strict=True):
            body = body_of(line, row.content)
            if body.digest.hex() != row.digest:
                detail = "The content is not what this digest is of."
                raise InvalidBundle(line.number, Issue("/row/digest", "digest_mismatch", detail))
            rows.append(_BodyRow(row.digest, body.content.hex()))
        insert(_INSERT_BODIES, lines, rows, workspace_id=self.workspace_id, table="body")

    def close(self) -> None:
        pass


class Elements:
    """The elements of one map at a time: {id: (number, kind)}. Rows of a map stand together."""

    def __init__(self, workspace_id: uuid.UUID) -> None:
        self._workspace_id = workspace_id
        self._map_id: uuid.UUID | None = None
        self._known: dict[uuid.UUID, tuple[int, str]] = {}

    def of(self, map_id: uuid.UUID) -> dict[uuid.UUID, tuple[int, str]]:
        if map_id != self._map_id:
            rows = Element.objects.filter(workspace_id=self._workspace_id, journey_map_id=map_id)
            self._known = {
                own: (number, kind) for own, number, kind in rows.values_list("id", "number", "kind")
            }
            self._map_id = map_id
        return self._known


def placed(
    line: Line,
    root: Body,
    personas: Iterable[tuple[uuid.UUID, Body]],
    elements: Iterable[tuple[uuid.UUID, Body]],
    known: dict[uuid.UUID, tuple[int, str]],
) -> Manifest:
    """Put bodies into their places. Raises InvalidBundle where an element is not the map's."""
    placed: list[Placed] = []
    stage: uuid.UUID | None = None
    for place, (own, body) in enumerate(elements):
        if own not in known:
            detail = f"The map has no element {own}."
            raise InvalidBundle(line.number, Issue(f"/row/elements/{place}/0", "unknown_reference", detail))
        if known[own][1] == Element.Kind.STAGE:
            stage = own
            placed.append(Placed(own, None, body))
        elif stage is None:
            detail = "A touchpoint stands before all stages."
            raise InvalidBundle(line.number, Issue(f"/row/elements/{place}", "out_of_order", detail))
        else:
            placed.append(Placed(own, stage, body))
    return Manifest(root, tuple(Placed(own, None, body) for own, body in personas), tuple(placed))


def checked(line: Line, manifest: Manifest, digest: str) -> int:
    """Return the format of a document whose digest, rules and spelling are right. Raises InvalidBundle."""
    if manifest.digest.hex() != digest:
        detail = "The content is not what this digest is of."
        raise InvalidBundle(line.number, Issue("/row/digest", "digest_mismatch", detail))
    try:
        content = assemble(manifest)
        document = parse(content)
    except BadRequest as error:
        issues = error.issues or (Issue("", error.code, error.detail),)
        raise InvalidBundle(line.number, *(issue.under("/row") for issue in issues)) from error
    except (msgspec.DecodeError, TypeError) as error:
        raise InvalidBundle(line.number, Issue("/row", "invalid", f"No document: {error}.")) from error
    if canonical(document) != content:
        detail = "The document is not in its canonical form."
        raise InvalidBundle(line.number, Issue("/row", "not_canonical", detail))
    return document.format
