"""Vocabularies: shipped, overridden, the workspace's own; and what versions keep of them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from journeys.document.shipped import SHIPPED
from tests.conftest import ApiClient, Tenant
from tests.journeys.make import draft_of, make_map, path, publish
from tests.service.parallel import at_once

WHERE = "/v1/vocabularies"
DOCUMENT: dict[str, Any] = {
    "name": "Renting",
    "language": "de-AT",
    "actor_kind": "tenant",
    "stages": [
        {
            "name": "Search",
            "touchpoints": [
                {"name": "Reads", "key": "reads", "channels": ["web", "board"], "kind": "viewing"}
            ],
        }
    ],
}
BOARD = {"key": "board", "label": "Notice board", "labels": {"de": "Brett"}, "medium": "offline"}


def read(tenant: Tenant, key: str) -> dict[str, Any]:
    answer = tenant.client.call("GET", f"{WHERE}/{key}")
    assert (answer.status_code, answer["ETag"]) == (200, answer.json()["etag"])
    return dict(answer.json())


def put_words(tenant: Tenant, key: str, *words: dict[str, Any]) -> dict[str, Any]:
    """Put words before those that the vocabulary has, in the place of those of the same key."""
    now = read(tenant, key)
    rest = [word for word in now["words"] if word["key"] not in {new["key"] for new in words}]
    answer = tenant.client.call("PATCH", f"{WHERE}/{key}", {"words": [*words, *rest]}, etag=now["etag"])
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def version(tenant: Tenant, shown: dict[str, Any], number: int) -> dict[str, Any]:
    return dict(tenant.client.call("GET", path(shown, "versions", str(number))).json()["document"])


def page(tenant: Tenant, shown: dict[str, Any], number: int) -> str:
    answer = tenant.client.call("GET", path(shown, "versions", str(number), "drawing") + "?format=html")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_everything_shipped_is_listed_and_can_be_sent_back(tenant: Tenant) -> None:
    found = tenant.client.call("GET", WHERE).json()["results"]
    assert [one["key"] for one in found] == list(SHIPPED)
    assert {one["origin"] for one in found} == {"shipped"}
    kinds = Counter(one["kind"] for one in found)
    assert (kinds["stages"], kinds["channels"], kinds["emotion-scales"]) == (17, 1, 1)
    assert {one["key"] for one in found if one.get("cyclic")} == {"flywheel", "cdj"}
    for one in found:
        answer = tenant.client.call("PUT", f"{WHERE}/{one['key']}", one, etag=one["etag"])
        if one["editable"]:
            assert (answer.status_code, answer.json()) == (200, one)
        else:
            assert (answer.status_code, answer.json()["code"]) == (409, "not_editable")
    assert tenant.client.call("GET", WHERE).json()["results"] == found
    channels = tenant.client.call("GET", f"{WHERE}?kind=channels").json()["results"]
    assert [one["key"] for one in channels] == ["channels"]
    assert all(word["medium"] and word["ownership"] for word in channels[0]["words"])


def test_scales_of_emotion_say_how_they_run(tenant: Tenant) -> None:
    words = {word["key"]: word for word in read(tenant, "emotion-scales")["words"]}
    assert (words["smaply"]["low"], words["smaply"]["high"], words["smaply"]["whole"]) == (-2, 2, True)
    assert words["five-words"]["values"][0] == "very-negative"
    assert "low" not in words["named"]
    assert "anticipation" in words["named"]["values"]
    assert not words["dramatic-arc"].get("signed")


def test_an_override_holds_until_it_is_taken_away(tenant: Tenant, stranger: Tenant) -> None:
    before = read(tenant, "channels")
    changed = put_words(tenant, "channels", BOARD)
    assert (changed["origin"], changed["words"][0]) == ("overridden", BOARD)
    stale = tenant.client.call("PATCH", f"{WHERE}/channels", {"label": "x"}, etag=before["etag"])
    assert stale.status_code == 412
    assert tenant.client.call("PATCH", f"{WHERE}/channels", {"label": "x"}).status_code == 428
    assert tenant.client.call("GET", f"{WHERE}/{changed['id']}").json() == changed
    echoed = tenant.client.call("PUT", f"{WHERE}/channels", changed, etag=changed["etag"])
    assert echoed.json() == changed
    assert read(stranger, "channels") == before
    assert stranger.client.call("GET", f"{WHERE}/{changed['id']}").status_code == 404
    gone = tenant.client.call("DELETE", f"{WHERE}/channels", etag=changed["etag"])
    assert gone.status_code == 204
    assert read(tenant, "channels") == before
    again = tenant.client.call("DELETE", f"{WHERE}/channels", etag=before["etag"])
    assert (again.status_code, again.json()["code"]) == (409, "not_editable")


def test_a_workspace_has_stages_of_its_own(tenant: Tenant, stranger: Tenant) -> None:
    words = [{"key": "try", "label": "Try"}, {"key": "stay", "label": "Stay", "sale_phase": "post"}]
    body = {"key": "loop-2", "kind": "stages", "label": "Our loop", "cyclic": True, "words": words}
    made = tenant.client.call("POST", WHERE, body | {"attributes": {"team": "cx"}})
    assert made.status_code == 201
    shown = made.json()
    assert made["Location"] == f"{WHERE}/loop-2"
    assert {name: shown[name] for name in body} == body
    assert (shown["origin"], shown["attributes"]) == ("own", {"team": "cx"})
    assert tenant.client.call("GET", WHERE).json()["results"][-1] == shown
    twice = tenant.client.call("POST", WHERE, body)
    assert (twice.status_code, twice.json()["code"]) == (409, "key_taken")
    assert stranger.client.call("GET", f"{WHERE}/loop-2").status_code == 404
    assert stranger.client.call("PATCH", f"{WHERE}/loop-2", {"label": "x"}, etag="*").status_code == 404
    assert stranger.client.call("DELETE", f"{WHERE}/loop-2", etag="*").status_code == 404
    renamed = tenant.client.call("PATCH", f"{WHERE}/loop-2", {"key": "other"}, etag="*")
    assert renamed.json()["errors"][0] == {
        "pointer": "/key",
        "code": "read_only",
        "detail": "This stays as it is: documents refer to it.",
    }
    assert tenant.client.call("DELETE", f"{WHERE}/loop-2", etag="*").status_code == 204
    assert tenant.client.call("GET", f"{WHERE}/loop-2").status_code == 404
    assert tenant.client.call("POST", WHERE, body).status_code == 201


@pytest.mark.parametrize(
    ("members", "status", "expected"),
    [
        ({"key": "channels"}, 409, None),
        ({"kind": "channels"}, 400, ("/kind", "not_allowed")),
        ({"words": [BOARD]}, 400, ("/words/0/medium", "not_allowed")),
        ({"words": [{"key": "a", "label": "A"}] * 2}, 400, ("/words/1/key", "duplicate_key")),
        ({"words": ["a"]}, 400, ("/words/0", "wrong_type")),
        ({"words": 7}, 400, ("/words", "wrong_type")),
        (
            {"words": [{"key": "a", "label": "A", "labels": {"de": ""}}]},
            400,
            ("/words/0/labels/de", "too_short"),
        ),
        ({"key": "Loop"}, 400, ("/key", "invalid_format")),
        ({"colour": 1}, 400, ("/colour", "unknown_field")),
        ({"label": "a\u0000"}, 400, None),
    ],
)
def test_what_is_wrong_is_told_by_its_place(
    tenant: Tenant, members: dict[str, Any], status: int, expected: tuple[str, str] | None
) -> None:
    body = {"key": "loop", "kind": "stages", "label": "Loop", **members}
    answer = tenant.client.call("POST", WHERE, body)
    assert answer.status_code == status, answer.content
    if expected:
        assert expected in [(issue["pointer"], issue["code"]) for issue in answer.json()["errors"]]


def test_a_rename_repaints_no_old_map(tenant: Tenant) -> None:
    shown = make_map(tenant, document=DOCUMENT)
    first = publish(tenant, shown)
    plain = version(tenant, shown, 1)
    assert (plain["format"], "wording" in plain) == (1, False)
    put_words(tenant, "channels", BOARD, {"key": "web", "label": "Portal", "medium": "online"})
    put_words(tenant, "touchpoint-kinds", {"key": "viewing", "label": "Flat viewing"})
    put_words(tenant, "actor-kinds", {"key": "tenant", "label": "Home seeker"})
    second = publish(tenant, shown)
    assert second["digest"] != first["digest"]
    kept = version(tenant, shown, 2)
    assert kept["format"] == 2
    assert [(one["key"], [word["label"] for word in one["words"]]) for one in kept["wording"]] == [
        ("actor-kinds", ["Home seeker"]),
        ("channels", ["Notice board", "Portal"]),
        ("touchpoint-kinds", ["Flat viewing"]),
    ]
    assert "wording" not in draft_of(tenant, shown)
    put_words(tenant, "channels", {"key": "board", "label": "Pinboard"})
    assert "Web · Board" in page(tenant, shown, 1)
    old = page(tenant, shown, 2)
    assert "Portal · Brett" in old
    assert "Flat viewing" in old
    assert "Home seeker journey" in old
    publish(tenant, shown)
    assert "Portal · Pinboard" in page(tenant, shown, 3)
    assert page(tenant, shown, 2) == old
    again = tenant.client.call("POST", path(shown, "versions"), {}, etag="*")
    assert again.json()["code"] == "nothing_to_publish"


def test_words_that_a_map_does_not_use_leave_its_digest_alone(tenant: Tenant) -> None:
    shown = make_map(tenant, document={"name": "x", "stages": [{"name": "s"}], "stage_vocabulary": "aida"})
    first = publish(tenant, shown)
    put_words(tenant, "channels", BOARD)
    again = tenant.client.call("POST", path(shown, "versions"), {}, etag="*")
    assert again.json()["code"] == "nothing_to_publish"
    tenant.client.call("PATCH", f"{WHERE}/aida", {"label": "Our AIDA", "cyclic": True}, etag="*")
    assert publish(tenant, shown)["digest"] != first["digest"]
    (kept,) = version(tenant, shown, 2)["wording"]
    assert (kept["label"], len(kept["words"]), kept["cyclic"]) == ("Our AIDA", 4, True)
    assert "Our AIDA, in a circle" in page(tenant, shown, 2)


def test_a_draft_brings_words_along_and_the_workspace_goes_first(tenant: Tenant) -> None:
    words = [{"key": "board", "label": "Theirs"}, {"key": "web", "label": "Their web"}]
    wording = [{"key": "channels", "kind": "channels", "label": "Channels", "words": words}]
    shown = make_map(tenant, document=DOCUMENT | {"wording": wording, "format": 2})
    publish(tenant, shown)
    assert version(tenant, shown, 1)["wording"] == wording
    put_words(tenant, "channels", BOARD)
    publish(tenant, shown)
    (kept,) = version(tenant, shown, 2)["wording"]
    # The workspace offers the web as it is shipped, and that is what the map says now.
    assert [(word["key"], word["label"]) for word in kept["words"]] == [("board", "Notice board")]
    document = draft_of(tenant, shown)
    assert document.pop("wording") == wording
    back = tenant.client.call("DELETE", path(shown, "draft"), etag="*").json()
    assert back["wording"] == [kept]


def test_of_many_who_override_at_once_one_does(tenant: Tenant) -> None:
    etag = read(tenant, "aida")["etag"]

    def patch(number: int) -> int:
        client = ApiClient(tenant.secret)
        return int(client.call("PATCH", f"{WHERE}/aida", {"label": f"L{number}"}, etag=etag).status_code)

    assert Counter(at_once(6, patch)) == {200: 1, 412: 5}


def test_scopes(tenant: Tenant) -> None:
    assert tenant.key("maps:write").call("GET", WHERE).status_code == 403
    assert tenant.key("maps:write").call("GET", f"{WHERE}/aida").status_code == 403
    reader = tenant.key("maps:read")
    assert reader.call("GET", f"{WHERE}/aida").status_code == 200
    for method, where in (("POST", WHERE), *((m, f"{WHERE}/aida") for m in ("PUT", "PATCH", "DELETE"))):
        assert reader.call(method, where, {}, etag="*").status_code == 403
