"""Journeys that other people wrote go out in every format and come back with all their touchpoints."""

from __future__ import annotations

import pytest

from journeys.document.validate import parse
from journeys.formats.registry import Format, writable

from .real import DATA, real_documents

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data set is not here")
BOTH_WAYS = [pytest.param(each, id=each.name) for each in writable() if each.read]


@pytest.mark.parametrize("each", BOTH_WAYS)
def test_touchpoints_come_back_in_their_stages(each: Format) -> None:
    assert each.read is not None
    assert each.write is not None
    for document in real_documents():
        (found,) = each.read(each.write(document).content, {})
        assert [notice for notice in found.notices if notice.weight == "invalid"] == []
        assert found.raw is not None
        back = parse(found.raw)
        assert [(s.name, [t.name for t in s.touchpoints]) for s in back.stages] == [
            (s.name, [t.name for t in s.touchpoints]) for s in document.stages
        ]


@pytest.mark.parametrize("name", ["grid-csv", "grid-xlsx"])
def test_pains_and_actions_come_back_from_grids(name: str) -> None:
    each = next(each for each in writable() if each.name == name)
    assert each.read is not None
    assert each.write is not None
    for document in real_documents():
        (found,) = each.read(each.write(document).content, {})
        assert found.raw is not None
        assert [
            (t.owner, [i.text for i in t.pains], [i.text for i in t.actions], [x.href for x in t.links])
            for t in parse(found.raw).touchpoints()
        ] == [
            (t.owner, [i.text for i in t.pains], [i.text for i in t.actions], [x.href for x in t.links])
            for t in document.touchpoints()
        ]
