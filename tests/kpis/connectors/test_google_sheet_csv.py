"""A sheet's addresses, and what Google answers there: CSV behind redirects, or a page to sign in at."""

from __future__ import annotations

import pytest

from kpis.connectors import CONNECTORS, PullFailed
from kpis.connectors.google_sheet_csv import export_url
from service.errors import ValidationProblem
from service.serializers import checked
from tests.kpis.connectors.replica import Answer, Asked, Replica, fetched, replica

DOCS = "https://docs.google.com/spreadsheets"
ID = "1A2b3C4d5E6f7G8h9I0jKlMnOpQrStUvWxYz-_abcd"


@pytest.mark.parametrize(
    ("url", "gid", "export"),
    [
        (f"{DOCS}/d/{ID}/edit?gid=7#gid=7", None, f"{DOCS}/d/{ID}/export?format=csv&gid=7"),
        (f"{DOCS}/d/{ID}/edit#gid=7", None, f"{DOCS}/d/{ID}/export?format=csv&gid=7"),
        (f"{DOCS}/d/{ID}/edit#gid=7", 0, f"{DOCS}/d/{ID}/export?format=csv&gid=0"),
        (f"{DOCS}/d/{ID}", None, f"{DOCS}/d/{ID}/export?format=csv"),
        (f"{DOCS}/u/1/d/{ID}/view?usp=sharing", None, f"{DOCS}/d/{ID}/export?format=csv"),
        (f"{DOCS}/d/{ID}/gviz/tq?tqx=out:csv&gid=3", None, f"{DOCS}/d/{ID}/export?format=csv&gid=3"),
        (f"{DOCS}/d/e/2PACX-{ID}/pubhtml", None, f"{DOCS}/d/e/2PACX-{ID}/pub?output=csv"),
        (
            f"{DOCS}/d/e/2PACX-{ID}/pub?gid=5&single=true&output=csv",
            None,
            f"{DOCS}/d/e/2PACX-{ID}/pub?output=csv&gid=5&single=true",
        ),
    ],
)
def test_any_address_of_a_sheet_leads_to_its_csv(url: str, gid: int | None, export: str) -> None:
    assert export_url(url, gid) == export


@pytest.mark.parametrize(
    "url",
    [
        f"https://docs.google.com.evil.example/spreadsheets/d/{ID}/edit",
        f"https://evil.example/spreadsheets/d/{ID}/edit",
        "https://docs.google.com/document/d/abc/edit",
        f"{DOCS}/d/../../x",
        "ftp://docs.google.com/",
    ],
)
def test_what_is_no_sheet_is_refused(url: str) -> None:
    with pytest.raises(ValidationProblem):
        checked(CONNECTORS["google_sheet_csv"].config, {"url": url})


def google(asked: Asked, here: list[Replica], leads_to: str) -> Answer:
    """Google's ways: the export redirects, content comes from another place."""
    if asked.path.endswith("/export"):
        place = leads_to.replace("{base}", here[0].base)
        return Answer(b"<HTML>Moved</HTML>", 307, {"Location": place, "Content-Type": "text/html"})
    if asked.path == "/content":
        return Answer(b"Day,Score\r\n2026-10-05,9\r\n", headers={"Content-Type": "text/csv"})
    return Answer(b"<!doctype html>Sign in", headers={"Content-Type": "text/html; charset=utf-8"})


def pull(leads_to: str) -> list[object]:
    here: list[Replica] = []
    with replica(lambda asked: google(asked, here, leads_to)) as peer:
        here.append(peer)
        return fetched("google_sheet_csv", {"url": f"{peer.base}/spreadsheets/d/{ID}/edit#gid=0"})[1]


def test_a_shared_sheet_is_read_behind_its_redirect() -> None:
    assert pull("{base}/content") == [{"Day": "2026-10-05", "Score": "9"}]


@pytest.mark.parametrize(
    ("leads_to", "said"),
    [
        ("https://accounts.google.com/ServiceLogin?continue=x", "the sheet is private"),
        ("{base}/v3/signin/identifier", "the sheet is private"),
        ("{base}/somewhere", "the sheet is private"),
        ("https://evil.example/content", "not its own"),
        ("http://x.googleusercontent.com/", "not its own"),
        ("{base}/spreadsheets/d/x/export", "on and on"),
    ],
)
def test_a_private_sheet_and_strange_ways_are_said_plainly(leads_to: str, said: str) -> None:
    with pytest.raises(PullFailed, match=said):
        pull(leads_to)
