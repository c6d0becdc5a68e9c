"""Nothing that a view leaves out leaves the service through it: by no format, header, ETag, query or refusal.

Whatever is left out carries a canary of its own; whatever a view's token can reach is asked, and searched.
"""

from __future__ import annotations

import copy
import json
import re
import zlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from journeys.actions.renditions import keep_due_renditions
from journeys.models import Rendition
from journeys.render.typeset import typeset
from kpis.models.sources import Source
from tests.conftest import ApiClient, Tenant
from tests.kpis.audience import Browser, token_of, view_of
from tests.kpis.live_maps import Place, now, stamp
from tests.kpis.test_overview import publish
from tests.kpis.test_views_overview import FORMS

_HEX = re.compile(rb"[0-9a-f-]{16,}")
_FRACTION = re.compile(rb"(?<=:[0-9]{2})\.[0-9]+")
CANARY = re.compile(rb"canary[-_ ]?[a-z0-9]+", re.IGNORECASE)


def touchpoint(name: str, **members: Any) -> dict[str, Any]:
    return {"key": name.lower().replace(" ", "-"), "name": name, **members}


def said(text: str, **members: Any) -> list[dict[str, Any]]:
    return [{"text": text, **members}]


DOCUMENT: dict[str, Any] = {
    "format": 2,
    "name": "Claim",
    "description": "canary1",
    "organisation_objective": "canary2",
    "attributes": {"canary3": "canary4"},
    "review": {"owner": "canary5"},
    "personas": [
        {"key": "ana", "name": "Ana", "quote": "canary6", "selector": {"segment": "ana"}},
        {"key": "ben", "name": "canary7", "goals": ["canary8"], "selector": {"segment": "ben"}},
    ],
    "clusters": [{"key": "visits", "label": "canary38", "notes": [{"text": "canary39"}]}],
    "lanes": [{"key": "canary9", "label": "canary10"}],
    "stages": [
        {
            "key": "apply",
            "name": "Apply",
            "attributes": {"x": "canary11"},
            "touchpoints": [
                touchpoint(
                    "Form",
                    owner="canary12",
                    description="canary13",
                    attributes={"x": "canary14"},
                    actions=[
                        *said("Fills it in", evidence="observed", source="canary15"),
                        *said("canary16", evidence="assumed"),
                        *said("canary17", evidence="observed", persona="ben"),
                    ],
                    pains=said("canary18", evidence="observed"),
                    quotes=said("canary19", evidence="observed"),
                    links=[{"text": "canary20", "href": "https://canary21.example/"}],
                    lane_items={"canary9": said("canary22", evidence="observed")},
                    emotions=[{"value": 0.4, "label": "canary23", "evidence": "observed"}],
                ),
                touchpoint("Canary24", visibility="back", actions=said("canary25", evidence="observed")),
                touchpoint("Pay"),
            ],
        },
        {"key": "later", "name": "canary27", "touchpoints": [touchpoint("canary28")]},
    ],
    "transitions": [
        {"from": "form", "to": "canary28", "label": "canary29"},
        {"from": "form", "to": "pay", "label": "canary30"},
    ],
}
VIEW: dict[str, Any] = {
    "stages": ["apply"],
    "lanes": ["actions", "emotions"],
    "personas": ["ana"],
    "kpis": ["completion"],
    "evidence": ["observed"],
    "back_stage": False,
    "redact": [
        *("description", "organisation_objective", "attributes", "review", "quote", "owner", "source"),
        *("label", "target", "running"),
    ],
}


SAID: list[dict[str, Any]] = [
    *({"journey_map": "claim", "element": element} for element in ("canary24", "later", "canary28")),
    *({"kpi": kpi} for kpi in ("canary31", "canary32", "canary33")),
]
"""At what VIEW does not show, and to KPIs that it does not show."""


@pytest.fixture
def place(tenant: Tenant) -> Place:
    place = Place(tenant, DOCUMENT)
    place.kpi("completion", period="week", thresholds={"target": 0.4321, "breach": 0.1234})
    place.bind("completion", "form")
    for key, element in (("canary31", "form"), ("canary32", None), ("canary33", "canary24")):
        place.kpi(key, period="week")
        place.bind(key, element)
    place.bind("completion", "canary28", label="canary34")
    for number, where in enumerate(SAID, 40):
        said_there = {"text": f"canary{number}", "channel": "canary48", **where}
        place.call("POST", "/v1/feedback", said_there, status=201)
    for ago in (1, 2):
        for key in ("completion", "canary31", "canary32", "canary33"):
            place.rate(key, ago, 82, 82 if key == "completion" else 8297)
    return place


def leaks(answer: Any) -> set[bytes]:
    """Return the canaries in body and headers."""
    # Ids, ETags and fractions of seconds are made of digits, too.
    text = answer.content + repr(list(answer.items())).encode()
    text = _FRACTION.sub(b"", _HEX.sub(b"", text))
    told = (b"8297", b"8,297", "8\u202f297".encode(), b"0.4321", b"43.2")
    figures = {figure for figure in told if figure in text}
    return set(CANARY.findall(text)) | figures


def test_the_canaries_are_there_to_be_found(place: Place) -> None:
    """What follows searches for something: all of it is in what the map's own readers get."""
    found = leaks(place.client.call("GET", f"{place.path}/live"))
    assert {f"canary{n}" for n in (*range(1, 35), 38, 39, *range(40, 46), 48) if n != 26} <= {
        one.decode().lower() for one in found
    }
    assert {b"8297", b"0.4321"} <= found


# Who shows what people said shows it at what is shown alone; who shows no quotes shows none of it.
SAYING: dict[str, Any] = {
    "feedback": True,
    "lanes": ["actions", "emotions", "quotes"],
    "redact": [*VIEW["redact"], "channels"],
}
QUOTED = {b"canary19"}


@pytest.mark.parametrize(("history", "more"), [(False, {}), (True, {"feedback": True}), (True, SAYING)])
def test_no_form_and_no_query_of_a_view_tells_of_what_it_leaves_out(
    place: Place, history: bool, more: dict[str, Any]
) -> None:
    shown = {"text": "Shown", "journey_map": "claim", "element": "form"}
    place.call("POST", "/v1/feedback", shown, status=201)
    view = view_of(place, **{"name": "canary35", **VIEW, "history": history, **more})
    secret = token_of(place, view, name="canary36")["secret"]
    first_version = stamp(now())
    changed = copy.deepcopy(DOCUMENT)
    changed["stages"][0]["touchpoints"][0]["owner"] = "canary37"
    place.redraft(_with_ids(place, changed))
    place.publish()
    browser = Browser(secret)
    reader = ApiClient(secret)
    pinned = place.call("POST", f"/v1/views/{view['id']}/snapshots", {}, status=201)
    queries = ["", "?persona=ana", "?persona=ben", "?persona=nobody", "?stage=apply", "?stage=later"]
    queries += [f"?as_of={first_version}", f"?known_at={first_version}", "?version=1", "?version=99", "?x=1"]
    seen = 0
    for query in queries:
        asked = [browser.get(form + query) for form in ("", "map.svg", "map.json")]
        asked += [Client().get(f"/p/{secret}{form}{query}") for form in ("", ".svg", ".json")]
        asked += [
            reader.call("GET", f"/v1/views/{view['id']}/live{query}", Accept=accept)
            for accept in ("application/json", "image/svg+xml", "text/html", "text/csv")
        ]
        asked += [browser.get(f"snapshots/{pinned['id']}/{form}") for form in ("", "map.svg", "map.json")]
        for answer in asked:
            found = leaks(answer) - (QUOTED if "lanes" in more else set())
            assert not found, (query, answer.status_code, found)
            seen += answer.status_code == 200
    assert seen >= 3 * 7
    told = browser.get("map.json").json()
    assert [stage["name"] for stage in told["document"]["stages"]] == ["Apply"]
    assert [entry["name"] for entry in told["live"][place.element("form")]["kpis"]] == ["Completion"]
    assert told["unplaced"] == []
    assert told["live"]["map"]["coverage"]["of"] == 1
    heard = [one["feedback"]["n"] for one in told["live"].values() if "feedback" in one]
    assert heard == ([1] if "lanes" in more else [])


def test_a_picture_is_made_of_what_the_view_shows_and_of_nothing_else(place: Place) -> None:
    """PNG and PDF are a function of an SVG and a title, byte for byte; both are searched."""
    view = view_of(place, name="canary35", **VIEW)
    browser = Browser(token_of(place, view, name="canary36")["secret"])
    pinned = place.call("POST", f"/v1/views/{view['id']}/snapshots", {}, status=201)
    forms = [f"{where}map.{form}" for where in ("", f"snapshots/{pinned['id']}/") for form in ("png", "pdf")]
    for form in forms:
        assert browser.get(form).status_code == 202
    with place.tenant.enter():
        asked = {row.pk: row for row in Rendition.objects.filter(journey_map_id=place.map_id)}
    while keep_due_renditions(at=now() + timedelta(seconds=1)):
        pass
    with place.tenant.enter():
        made = list(Rendition.objects.filter(journey_map_id=place.map_id))
    assert len(made) == len(asked) == 4
    for row in made:
        drawing, title = zlib.decompress(asked[row.pk].drawing), row.title
        assert b"Fills it in" in drawing
        assert not CANARY.findall(drawing + title.encode())
        form: Any = row.format
        assert bytes(row.content or b"") == typeset(drawing, form, scale=row.scale, title=title)
    for form in forms:
        assert not leaks(browser.get(form))


def test_an_etag_is_no_oracle_of_what_is_left_out(place: Place) -> None:
    view = view_of(place, **VIEW)
    browser = Browser(token_of(place, view)["secret"])
    before = {form: browser.get(form) for form in ("", "map.svg", "map.json")}
    hidden = copy.deepcopy(DOCUMENT)
    form = hidden["stages"][0]["touchpoints"][0]
    form["owner"], form["description"] = "another", "another"
    form["quotes"][0]["text"] = form["actions"][1]["text"] = "another"
    hidden["stages"][1]["name"] = hidden["personas"][1]["name"] = "another"
    place.redraft(_with_ids(place, hidden))
    place.publish()
    place.rate("canary31", 3, 1)
    place.kpi("fourth", period="week")
    place.bind("fourth", "form")
    assert place.live()["version"] == 2
    for path, was in before.items():
        now_is = browser.get(path)
        assert (now_is["ETag"], now_is.content) == (was["ETag"], was.content), path
        assert browser.get(path, If_None_Match=was["ETag"]).status_code == 304
    shown = copy.deepcopy(hidden)
    shown["stages"][0]["touchpoints"][0]["actions"][0]["text"] = "Fills it in twice"
    place.redraft(_with_ids(place, shown))
    place.publish()
    for path, was in before.items():
        assert browser.get(path)["ETag"] != was["ETag"]


def _with_ids(place: Place, raw: dict[str, Any]) -> dict[str, Any]:
    """The document with the ids that it has: an edit, not another map."""
    stored = place.live()["document"]

    def given(new: Any, old: Any) -> Any:
        if isinstance(new, dict) and isinstance(old, dict):
            merged = {name: given(value, old.get(name)) for name, value in new.items()}
            return {"id": old["id"], **merged} if "id" in old else merged
        if isinstance(new, list) and isinstance(old, list) and len(new) == len(old):
            return [given(a, b) for a, b in zip(new, old, strict=True)]
        return new

    return json.loads(json.dumps(given(raw, stored)))  # type: ignore[no-any-return]


OVERVIEW: dict[str, Any] = {
    **{name: VIEW[name] for name in ("kpis", "evidence", "back_stage")},
    "kind": "overview",
    "name": "canary35",
    "redact": [*VIEW["redact"], "stage_vocabulary", "broken_sources"],
}


def test_an_overview_tells_of_no_map_what_its_view_leaves_out(place: Place) -> None:
    """Two maps share a vocabulary; one is in no list of the view, and of the other little is shown."""
    another = {**DOCUMENT, "name": "canary40", "stage_vocabulary": "buyers-journey"}
    publish(place, another)
    source = place.call(
        "POST",
        "/v1/sources",
        {
            "name": "canary41",
            "type": "http_json",
            "config": {"url": "http://127.0.0.1:1/"},
            "mappings": [{"kpi": "completion", "value": "$.v", "observed_at": "$.at"}],
            "schedule": {"every": "PT1H"},
        },
        status=201,
    )
    with place.tenant.enter():
        Source.objects.filter(id=source["id"]).update(broken=True)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE series SET feed_id = %s", [source["id"]])
    own = [place.client.call("GET", "/v1/overview", Accept=form) for form in FORMS]
    assert {b"canary5", b"canary40", b"canary41"} <= set().union(*map(leaks, own))
    view = place.call("POST", "/v1/views", {**OVERVIEW, "journey_maps": [str(place.map_id)]}, status=201)
    secret = token_of(place, view, name="canary36")["secret"]
    browser, reader = Browser(secret), ApiClient(secret)
    path = f"/v1/views/{view['id']}/overview"
    for query in ("", "?q=canary40", "?limit=1"):
        asked = [reader.call("GET", path + query, Accept=form) for form in FORMS]
        asked += [browser.get(form + query) for form in ("", "overview.svg", "overview.csv", "overview.json")]
        asked += [Client().get(f"/p/{secret}{form}{query}") for form in ("", ".svg", ".csv", ".json")]
        for answer in asked:
            assert not leaks(answer), (query, answer.status_code, leaks(answer))
        assert {answer.status_code for answer in asked} == ({400} if query else {200})
    (shown,) = reader.call("GET", path).json()["maps"]
    assert (shown["name"], shown["coverage"]["of"], shown["owner"]) == ("Claim", 2, None)
    before = [reader.call("GET", path, Accept=form) for form in FORMS]
    changed = copy.deepcopy(DOCUMENT)
    changed["stages"][0]["touchpoints"][0]["owner"] = changed["review"]["owner"] = "another"
    place.redraft(_with_ids(place, changed))
    place.publish()
    place.kpi("fourth", period="week")
    place.bind("fourth", "form")
    for form, was in zip(FORMS, before, strict=True):
        now_is = reader.call("GET", path, Accept=form)
        assert (now_is["ETag"], now_is.content) == (was["ETag"], was.content), form


# Without any credential, or with a view's token; everything else answers as if the token were nothing.
OPEN = {
    *("livez", "readyz", "metrics", "openapi.json", "docs", "docs/errors", "docs/reference"),
    *("p/<str:token>", "p/<str:token>/snapshots/<uuid:snapshot_id>"),
    *("view/<uuid:view_id>/", "view/<uuid:view_id>/map.<str:suffix>"),
    *(f"view/<uuid:view_id>/snapshots/<uuid:snapshot_id>/{form}" for form in ("", "map.<str:suffix>")),
    *("v1/views/<str:ref>/live", "v1/views/<str:ref>/snapshots/<uuid:snapshot_id>/live"),
    *("v1/views/<str:ref>/overview", "view/<uuid:view_id>/overview.<str:suffix>"),
}


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for one in resolver.url_patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from routes(one, route)
        elif isinstance(one, URLPattern):
            yield route


def test_no_other_route_takes_a_views_token(place: Place) -> None:
    view = view_of(place, **VIEW)
    secret = token_of(place, view)["secret"]
    reader = ApiClient(secret)
    known = {"ref": str(place.map_id), "version": "1", "element": place.element("form"), "token": "x"}
    tried = 0
    for route in sorted(set(routes(get_resolver())) - OPEN):
        kinds = {"uuid": str(place.map_id), "int": "1", "str": "x", "path": "x"}
        values = {name: known.get(name, kinds[kind or "str"]) for kind, name in _parameters(route)}
        if route.startswith("v1/views/"):
            values["ref"] = view["id"]
        path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found, given=values: given[found[1]], route)
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            body = None if method in ("GET", "DELETE") else {}
            answer = reader.call(method, path, body, etag="*", Cookie=f"lm_view={secret}")
            assert answer.status_code in (401, 403, 404, 405), (method, route, answer.status_code)
            assert not leaks(answer), (method, route)
            tried += 1
    assert tried > 200


def _parameters(route: str) -> list[tuple[str, str]]:
    return re.findall(r"<(?:(\w+):)?(\w+)>", route)
