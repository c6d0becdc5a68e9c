"""CJML: the published sample's shape, leniency with a word about it, hostile XML, and the round trip."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from journeys.document.minting import with_ids
from journeys.document.shape import Document
from journeys.document.validate import parse
from journeys.formats.base import ReadMap
from journeys.formats.cjml.read import read_cjml
from journeys.formats.cjml.write import write_cjml
from tests.journeys.document.strategies import documents, minter, raw_documents

from .grids import plain_texts, tidy, without, without_ids
from .real import DATA, real_documents

SAMPLE = b"""<?xml version="1.0" encoding="UTF-8"?>
<CJML version="2.0">
 <actualJourney>
  <journeyID>J1</journeyID>
  <journeyTitle>Buying a book</journeyTitle>
  <actors>
   <endUser actorID="Anna"><actorName>Anna</actorName></endUser>
   <serviceProvider actorID="Shop"><companyName>Book shop</companyName></serviceProvider>
  </actors>
  <journeyPhases><journeyPhase phaseID="F1"><phaseName>Order</phaseName></journeyPhase></journeyPhases>
  <touchpoints>
   <actualCommunicationPoint>
    <touchpointID>T1</touchpointID>
    <initiator><refersTo actorIDref="Anna"/><initiatorLabel>Orders</initiatorLabel></initiator>
    <receiver><refersTo actorIDref="Bookis"/><receiverLabel>Gets an order</receiverLabel></receiver>
    <channel><channelName>Web site</channelName></channel>
    <belongsTo phaseIDref="F1"/>
    <timestamps><timeOriginated>2021-03-01T10:00:00</timeOriginated></timestamps>
    <touchpointExperience>
     <experienceDescription>Easy</experienceDescription><experienceRating>4</experienceRating>
    </touchpointExperience>
   </actualCommunicationPoint>
   <actualCommunicationPoint>
    <touchpointID>T2</touchpointID>
    <initiator><refersTo actorIDref="Shop"/><initiatorLabel>Sends a receipt</initiatorLabel></initiator>
    <receiver><refersTo actorIDref="Anna"/><receiverLabel>Gets a receipt</receiverLabel></receiver>
    <channel><channelName>e-mail</channelName></channel>
    <belongsTo phaseIDref="F2"/>
    <compliance>extra</compliance>
    <mood>odd</mood>
   </actualCommunicationPoint>
   <actualAction>
    <touchpointID>T2</touchpointID>
    <initiator><refersTo actorIDref="Anna"/><initiatorLabel>Reads</initiatorLabel></initiator>
    <comment>At home</comment>
   </actualAction>
  </touchpoints>
 </actualJourney>
</CJML>"""


def read(raw: bytes, **options: Any) -> ReadMap:
    (found,) = read_cjml(raw, options)
    return found


def told(found: ReadMap) -> list[tuple[str, str, str]]:
    return [(notice.place, notice.weight, notice.code) for notice in found.notices]


def test_a_journey_in_the_shape_of_the_sample() -> None:
    found = read(SAMPLE)
    assert found.raw is not None
    parse(found.raw)
    assert found.raw["name"] == "Buying a book"
    assert found.raw["attributes"] == {"journeyID": "J1"}
    assert found.raw["personas"] == [{"key": "anna", "name": "Anna"}]
    order, undeclared, rest = found.raw["stages"]
    assert [s["name"] for s in found.raw["stages"]] == ["Order", "F2", "Buying a book"]
    assert order["touchpoints"] == [
        {
            "name": "Orders",
            "description": "Gets an order",
            "key": "t1",
            "channels": ["web"],
            "owner": "Bookis",
            "attributes": {"timeOriginated": "2021-03-01T10:00:00"},
            "emotions": [{"scale": "mermaid", "value": 4, "label": "Easy"}],
        }
    ]
    assert undeclared["touchpoints"][0]["attributes"] == {"compliance": "extra", "initiator": "Book shop"}
    assert undeclared["touchpoints"][0]["name"] == "Gets a receipt"
    assert rest["touchpoints"] == [{"name": "Reads", "description": "At home", "kind": "action"}]
    assert found.guessed == {"rating_scale": "mermaid"}
    assert told(found) == [
        ("line 15", "note", "undeclared_actor"),
        ("line 23", "note", "undeclared_phase"),
        ("line 30", "lossy", "unknown_element"),
        ("line 32", "note", "duplicate_key"),
    ]


def test_ratings_on_another_scale_and_several_journeys() -> None:
    felt = read(SAMPLE, rating_scale="0..10").raw
    assert felt is not None
    assert felt["stages"][0]["touchpoints"][0]["emotions"][0]["value"] == -0.2
    planned = SAMPLE[SAMPLE.index(b" <actual") : SAMPLE.index(b"</CJML>")].replace(b"actualJ", b"plannedJ")
    maps = read_cjml(SAMPLE.replace(b"</CJML>", planned + b"</CJML>"), {})
    assert [m.raw["state"] for m in maps if m.raw] == ["current", "future"]
    assert [m.place for m in maps] == ["actualJourney 1, line 3", "plannedJourney 2, line 39"]


@pytest.mark.parametrize(
    ("raw", "place", "code"),
    [
        (b"", "line 1", "not_xml"),
        (b"<CJML version=2></CJML>", "line 1", "not_xml"),
        (b"<CJML>\n<a></b></CJML>", "line 2", "not_xml"),
        (b"<CJML/>", "line 1", "not_cjml"),
        (b"<html><body/></html>", "line 1", "not_cjml"),
        (b'\n<!DOCTYPE x [<!ENTITY a "aaaa">]><CJML>&a;</CJML>', "line 2", "doctype"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><CJML/>', "line 1", "doctype"),
        (b"<a>" * 100_000, "line 1", "too_large"),
        (b'<?xml version="1.0" encoding="no-such"?><CJML/>', "line 1", "not_xml"),
        (b"<CJML>&#0;</CJML>", "line 1", "not_xml"),
    ],
)
def test_xml_that_is_refused(raw: bytes, place: str, code: str) -> None:
    found = read(raw)
    assert found.raw is None
    assert [(n.place, n.weight, n.code) for n in found.notices] == [(place, "invalid", code)]


@pytest.mark.parametrize("rating", ["nan", "inf", "-1e999", "good", "1e300"])
def test_ratings_that_are_none(rating: str) -> None:
    found = read(SAMPLE.replace(b">4<", f">{rating}<".encode()))
    assert found.raw is not None
    parse(found.raw)
    touchpoint = found.raw["stages"][0]["touchpoints"][0]
    assert touchpoint["thoughts"] == [{"text": "Easy"}]
    assert "off_scale" in {notice.code for notice in found.notices}


def test_wrong_options() -> None:
    assert told(read(SAMPLE, colour=1))[0] == ("options", "invalid", "unknown_option")
    assert told(read(SAMPLE, rating_scale="x"))[0] == ("options", "invalid", "invalid_option")


CHANGED = {"restated", "white_space", "channel"}


def back_and_expected(document: Document) -> tuple[Any, Any]:
    written = write_cjml(document)
    (found,) = read_cjml(written.content, {"rating_scale": "mermaid"})
    assert [n for n in found.notices if n.weight == "invalid"] == []
    assert found.raw is not None
    expected = without(without_ids(document), [n for n in written.losses if n.code not in CHANGED])
    back = without_ids(with_ids(parse(found.raw), minter(1 << 32)))
    for touchpoint in (*_touchpoints(expected), *_touchpoints(back)):
        touchpoint.pop("key", None)
        for emotion in touchpoint.get("emotions", ()):
            emotion.pop("persona", None)
    for plain in (expected, back):
        plain.pop("format")
        plain["personas"] = [{"name": p["name"]} for p in plain.get("personas", []) if "name" in p]
    if not expected["personas"]:
        back["personas"] = []
    return tidy(back), tidy(expected)


def _touchpoints(plain: dict[str, Any]) -> list[dict[str, Any]]:
    return [touchpoint for stage in plain.get("stages", ()) for touchpoint in stage.get("touchpoints", ())]


def cjml_words(raw: Any) -> Any:
    """Return a raw document in which back stage has an owner, which CJML cannot say otherwise."""
    for stage in raw["stages"]:
        for touchpoint in stage.get("touchpoints") or ():
            if touchpoint.get("visibility") == "back" and not touchpoint.get("owner"):
                touchpoint["owner"] = "Office"
    return raw


@settings(max_examples=100, deadline=None)
@given(raw=raw_documents())
def test_what_cjml_can_say_comes_back(raw: Any) -> None:
    document = with_ids(parse(cjml_words(plain_texts(raw))), minter(1 << 32))
    assume(not CHANGED & {loss.code for loss in write_cjml(document).losses})
    back, expected = back_and_expected(document)
    assert back == expected


@settings(max_examples=60, deadline=None)
@given(document=documents())
def test_any_document_is_written_and_read_as_a_valid_one(document: Document) -> None:
    (found,) = read_cjml(write_cjml(document).content, {})
    assert found.raw is not None
    again = parse(found.raw)
    assert len(list(again.touchpoints())) == len(list(document.touchpoints()))


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared data set is not here")
def test_real_journeys_come_back() -> None:
    for document in real_documents():
        back, expected = back_and_expected(document)
        assert back == expected


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=100), st.integers(0, len(SAMPLE)), st.integers(0, 60))
def test_any_damage_gives_a_map_or_a_refusal(noise: bytes, at: int, cut: int) -> None:
    for raw in (noise, SAMPLE[:at] + noise + SAMPLE[at + cut :], SAMPLE[:at] + SAMPLE[at + cut :]):
        for found in read_cjml(raw, {}):
            if found.raw is None:
                assert any(n.weight == "invalid" for n in found.notices)
            else:
                parse(found.raw)
