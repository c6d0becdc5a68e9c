"""The page behind a token: its cookie, read-only, kept current, framed by whom it says, gone when revoked."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from journeys.actions.renditions import keep_due_renditions
from journeys.models import Rendition
from journeys.render.typeset import typeset
from tests.conftest import Tenant
from tests.kpis.audience import BROWSER, Browser, shown, token_of, view_of
from tests.kpis.live_maps import Place, now, stamp


@pytest.fixture
def place(tenant: Tenant) -> Place:
    place = Place(tenant)
    place.kpi("completion", period="week", thresholds={"warn": 0.7, "breach": 0.6})
    place.bind("completion", "form")
    place.rate("completion", 1, 82)
    return place


@pytest.fixture
def page(place: Place) -> Browser:
    return shown(place)


def test_a_link_leads_to_a_page_whose_address_is_no_secret(place: Place) -> None:
    view = view_of(place)
    secret = token_of(place, view)["secret"]
    browser = Browser(secret)
    first = browser.first
    assert (first.status_code, first["Location"]) == (303, f"/view/{view['id']}/")
    assert (first["Cache-Control"], first["Referrer-Policy"]) == ("no-store", "no-referrer")
    parts = first["Set-Cookie"].split("; ")
    assert parts[0] == f"lm_view={secret}"
    assert set(parts[1:]) == {f"Path=/view/{view['id']}/", "Max-Age=34560000", "HttpOnly", "SameSite=Lax"}
    opened = browser.get()
    assert (opened.status_code, opened["Content-Type"]) == (200, "text/html; charset=utf-8")
    text = opened.content.decode()
    assert "Completion" in text
    assert "82.0" in text
    assert secret not in text
    assert opened["Referrer-Policy"] == "no-referrer"
    assert "noindex" in opened["X-Robots-Tag"]
    assert opened["Cache-Control"] == "private, no-cache"


def test_behind_https_the_cookie_stays_there(place: Place, settings: object) -> None:
    settings.PUBLIC_URL = "https://maps.example.org"  # type: ignore[attr-defined]
    assert "; Secure; SameSite=Lax" in shown(place).first["Set-Cookie"]


FORMS = {"": "text/html; charset=utf-8", ".svg": "image/svg+xml", ".json?version=1": "application/json"}


def test_a_program_is_answered_at_once(place: Place) -> None:
    secret = token_of(place, view_of(place, history=True))["secret"]
    for suffix, media in FORMS.items():
        answer = Client().get(f"/p/{secret}{suffix}")
        assert (answer.status_code, answer["Content-Type"]) == (200, media)
        assert secret.encode() not in answer.content
        assert "Set-Cookie" not in answer


def test_a_browser_is_led_on_to_what_it_asked_for(place: Place) -> None:
    view = view_of(place, history=True)
    secret = token_of(place, view)["secret"]
    for suffix, media in FORMS.items():
        first = Client().get(f"/p/{secret}{suffix}", headers=BROWSER)
        assert (first.status_code, first.content) == (303, b"")
        assert first["Location"] == f"/view/{view['id']}/{f'map{suffix}' if suffix else ''}"
        cookie = first["Set-Cookie"].partition(";")[0]
        answer = Client().get(first["Location"], headers={"Cookie": cookie})
        assert (answer.status_code, answer["Content-Type"]) == (200, media)
        assert secret.encode() not in answer.content
        assert Client(raise_request_exception=False).get(first["Location"]).status_code == 404


def test_a_view_that_leaves_figures_out_says_of_no_touchpoint_that_it_is_not_measured(place: Place) -> None:
    whole, chosen = shown(place), shown(place, kpis=["completion"])
    for form in ("", "map.svg"):
        assert b"not measured" in whole.get(form).content
        assert b"not measured" not in chosen.get(form).content


def test_an_embeddable_view_names_who_may_frame_it(place: Place) -> None:
    origins = ["https://wiki.example.org", "http://localhost:8080"]
    browser = shown(place, embed_origins=origins)
    assert browser.first["Set-Cookie"].endswith("; HttpOnly; Secure; SameSite=None; Partitioned")
    for answer in (browser.first, browser.get(), browser.get("map.svg"), browser.get("map.json")):
        assert f"frame-ancestors {' '.join(origins)}" in answer["Content-Security-Policy"]
        assert "X-Frame-Options" not in answer
    alone = shown(place)
    for answer in (alone.first, alone.get(), alone.get("map.svg"), alone.get("map.json")):
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert alone.get()["X-Frame-Options"] == "DENY"
    assert alone.get()["Cross-Origin-Resource-Policy"] == "same-origin"


def test_the_policy_names_what_the_page_carries_and_nothing_else(page: Browser) -> None:
    opened = page.get()
    policy = dict(part.strip().split(" ", 1) for part in opened["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in opened["Content-Security-Policy"]
    text = opened.content.decode()
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        for inline in re.findall(rf"<{tag}[^>]*>(.*?)</{tag}>", text, re.DOTALL):
            digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy[rule]
    assert not re.search(r"<[^>]+\son\w+=", text)
    assert not re.search(r"<[^>]+\sstyle=", text)


def test_the_page_stays_current_by_conditional_requests(place: Place, page: Browser) -> None:
    first = page.get()
    assert first["ETag"].strip("W/").strip('"') in first.content.decode()
    again = page.get(If_None_Match=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again["Content-Security-Policy"] == first["Content-Security-Policy"]
    assert page.get().content == first.content
    place.rate("completion", 2, 60)
    changed = page.get(If_None_Match=first["ETag"])
    assert changed.status_code == 200
    assert 'data-refresh="5"' in changed.content.decode()


def test_what_changes_nothing_that_is_shown_keeps_what_one_has(place: Place) -> None:
    place.kpi("hidden", period="week")
    place.bind("hidden", "pay")
    browser = shown(place, kpis=["completion"])
    held = [(path, browser.get(path)["ETag"]) for path in ("", "map.svg", "map.json")]
    place.rate("hidden", 1, 12)
    for path, etag in held:
        assert browser.get(path, If_None_Match=etag).status_code == 304
        assert browser.get(path)["ETag"] == etag


def test_the_same_state_as_picture_and_as_data(place: Place, page: Browser) -> None:
    picture = page.get("map.svg")
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/svg+xml")
    data = page.get("map.json").json()
    live = place.live()
    assert data["document"] == live["document"]
    assert data["live"] == live["live"]
    assert (data["version"], data["published_at"]) == (None, None)
    assert page.get("map.gif").status_code == 404
    assert page.get("map.").status_code == 404


def test_a_worker_makes_pictures_of_what_the_view_shows(place: Place) -> None:
    view = view_of(place, kpis=[])
    browser = Browser(token_of(place, view)["secret"], ".png")
    assert browser.address == f"/view/{view['id']}/map.png"
    pending = browser.get()
    assert (pending.status_code, pending["Retry-After"], pending["Refresh"]) == (202, "1", "1")
    drawn = Rendition.objects.filter(journey_map_id=place.map_id)
    with place.tenant.enter():
        (drawing,) = [zlib.decompress(row.drawing) for row in drawn]
    assert b"Completion" not in drawing
    while keep_due_renditions(at=now() + timedelta(seconds=1)):
        pass
    made = browser.get()
    assert (made.status_code, made["Content-Type"]) == (200, "image/png")
    title = place.live()["document"]["name"]
    assert made.content == typeset(drawing, "png", scale=2.0, title=title)  # nothing else goes in
    assert browser.get(If_None_Match=made["ETag"]).status_code == 304
    place.rate("completion", 2, 60)
    assert browser.get()["ETag"] == made["ETag"]  # not drawn anew at every look
    assert browser.get(f"{browser.address}?version=1").status_code == 400
    changed = place.call("PATCH", f"/v1/views/{view['id']}", {"stages": ["later"]}, etag=view["etag"])
    assert browser.get().status_code == 202, changed  # but as soon as the view shows something else
    assert browser.get(f"/view/{view['id']}/map.pdf").status_code == 202


def test_a_read_through_a_view_costs_a_fixed_number_of_statements(place: Place, page: Browser) -> None:
    held = page.get()["ETag"]
    with CaptureQueriesContext(connection) as unchanged:
        assert page.get(If_None_Match=held).status_code == 304
    assert len(_selects(unchanged)) == 2  # the token, and the view with its map's head
    counts = []
    for ago in (2, 3):
        place.rate("completion", ago, 60)
        with CaptureQueriesContext(connection) as changed:
            assert page.get(If_None_Match=held).status_code == 200
        counts.append(len(_selects(changed)))
    assert counts == [5, 5]  # besides: what stands, the improvements, the settled floors


def _selects(context: CaptureQueriesContext) -> list[str]:
    # Django cannot write out the parameters of the look-up of a credential, and says None of it.
    statements = [one["sql"] or "SELECT" for one in context.captured_queries]
    return [sql for sql in statements if "SELECT" in sql and "UPDATE" not in sql]


def test_history_is_asked_where_the_view_has_it(place: Place, page: Browser) -> None:
    at = stamp(now())
    for query in (f"as_of={at}", f"known_at={at}", "version=1"):
        refused = page.get(f"?{query}")
        assert (refused.status_code, refused.json()["code"]) == (403, "history_not_shown")
    historic = shown(place, history=True)
    opened = historic.get(f"?as_of={at}")
    assert opened.status_code == 200
    assert "data-refresh" not in opened.content.decode().split("<script")[0]
    assert historic.get("map.json?version=1").json()["version"] == 1
    assert historic.get("?as_of=2199-01-01T00:00:00Z").status_code == 400
    assert historic.get("?colour=red").status_code == 400


def test_an_unknown_expired_or_revoked_token_is_no_page(place: Place) -> None:
    view = view_of(place)
    made = token_of(place, view)
    page, secret = Browser(made["secret"]), made["secret"]
    etag = page.get()["ETag"]
    client = Client(raise_request_exception=False)
    for wrong in ("x", "lm_view_00000000_" + "a" * 43, secret[:-1] + ("a" if secret[-1] != "a" else "b")):
        for headers in ({}, BROWSER):
            refused = client.get(f"/p/{wrong}", headers=headers)
            assert (refused.status_code, refused["Content-Type"]) == (404, "application/problem+json"), wrong
            assert "Set-Cookie" not in refused
    assert client.get(f"/p/{place.tenant.secret}").status_code == 404  # an API key is no view token
    assert client.get(page.address).status_code == 404
    place.call("DELETE", f"/v1/views/{view['id']}/tokens/{made['id']}", etag=made["etag"], status=204)
    assert page.get().status_code == 404
    assert page.get(If_None_Match=etag).status_code == 404
    assert Browser(secret).first.status_code == 404


def test_an_expired_token_opens_nothing(place: Place) -> None:
    made = token_of(place, view_of(place), expires_at=stamp(now() - timedelta(seconds=1)))
    assert Browser(made["secret"]).first.status_code == 404


def test_a_cookie_opens_its_own_view_alone(place: Place, page: Browser) -> None:
    other = view_of(place, kpis=[])
    assert page.get(f"/view/{other['id']}/").status_code == 404


def test_an_archived_view_or_map_is_gone_with_its_tokens(place: Place) -> None:
    view = view_of(place)
    page = Browser(token_of(place, view)["secret"])
    assert page.get().status_code == 200
    place.call("DELETE", f"/v1/views/{view['id']}", etag=view["etag"], status=204)
    assert page.get().status_code == 404
    later = shown(place)
    row = place.call("GET", place.path)
    place.call("DELETE", place.path, etag=row["etag"], status=204)
    assert later.get().status_code == 404


def test_the_page_is_read_only(place: Place, page: Browser) -> None:
    secret = page.cookie.partition("=")[2]
    client = Client(raise_request_exception=False)
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)(f"/p/{secret}").status_code == 405
        sent = {"Cookie": page.cookie}
        assert getattr(client, method)(page.address, headers=sent).status_code == 405
