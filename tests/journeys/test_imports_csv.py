"""The long form over HTTP: out, through a spreadsheet, and in again, with everything bound staying bound."""

from __future__ import annotations

from typing import Any

from tests.conftest import Tenant
from tests.journeys.make import draft_of, make_map, names, path

URL = "/v1/journey-maps/imports"


def exported(tenant: Tenant, shown: dict[str, Any]) -> str:
    answer = tenant.client.call("GET", path(shown, "export?format=csv&version=draft"))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Export-Losses"] == "0"
    return str(answer.content.decode("utf-8"))


def over(tenant: Tenant, shown: dict[str, Any], text: str, query: str = "") -> Any:
    where = f"{URL}?into={shown['id']}&{query}"
    return tenant.client.call("POST", where, text.encode(), content_type="text/csv; charset=utf-8", etag="*")


def test_what_goes_out_comes_in_unchanged(tenant: Tenant) -> None:
    shown = make_map(tenant)
    before = draft_of(tenant, shown)
    [told] = over(tenant, shown, exported(tenant, shown)).json()["maps"]
    assert (told["status"], told["changes"], told["lossy"]) == ("unchanged", [], 0)
    assert {match["by"] for match in told["matches"]} == {"id"}
    assert draft_of(tenant, shown) == before


def test_an_edit_in_a_spreadsheet(tenant: Tenant) -> None:
    shown = make_map(tenant)
    before = draft_of(tenant, shown)
    text = (
        exported(tenant, shown)
        .replace("Reads adverts", "Browses adverts")
        .replace(",Stale,", ",Out of date,")
    )
    contract = before["stages"][1]
    new = f"2,{contract['id']},Contract,2,,Moves in,,,,Carries boxes" + "," * 21
    answer = over(tenant, shown, f"{text}{new}\r\n")
    assert answer.status_code == 200, answer.content
    after = draft_of(tenant, shown)
    assert names(after) == [["Search", "Browses adverts", "Visits"], ["Contract", "Signs", "Moves in"]]
    adverts = before["stages"][0]["touchpoints"][0]
    assert after["stages"][0]["touchpoints"][0] == {
        **adverts,
        "name": "Browses adverts",
        "pains": [{**adverts["pains"][0], "text": "Out of date"}],
    }
    assert {(c["verb"], c["kind"]) for c in answer.json()["maps"][0]["changes"]} == {
        ("renamed", "touchpoint"),
        ("changed", "item"),
        ("added", "touchpoint"),
    }


def test_rows_that_are_gone_are_gone(tenant: Tenant) -> None:
    shown = make_map(tenant)
    rows = exported(tenant, shown).splitlines(keepends=True)
    over(tenant, shown, "".join(row for row in rows if "Visits" not in row))
    assert names(draft_of(tenant, shown)) == [["Search", "Reads adverts"], ["Contract", "Signs"]]


def test_a_table_of_few_columns_takes_nothing_away(tenant: Tenant) -> None:
    shown = make_map(tenant)
    before = draft_of(tenant, shown)
    text = "stage,touchpoint,thought\nSearch,Reads adverts,Is it free?\nSearch,Visits,\nContract,Signs,\n"
    assert over(tenant, shown, text).json()["maps"][0]["status"] == "changed"
    after = draft_of(tenant, shown)
    adverts = after["stages"][0]["touchpoints"][0]
    assert [item["text"] for item in adverts.pop("thoughts")] == ["Is it free?"]
    assert adverts == before["stages"][0]["touchpoints"][0]
    assert after["name"] == before["name"]
    fewer = over(tenant, shown, "stage,touchpoint\nSearch,Visits\nContract,Signs\n")
    assert (fewer.status_code, fewer.json()["code"]) == (409, "would_erase")


def test_a_csv_is_known_by_its_head(tenant: Tenant) -> None:
    def read_as(text: bytes) -> Any:
        answer = tenant.client.call("POST", f"{URL}?dry_run=true", text, content_type="text/csv")
        return answer.json()["format"]

    assert read_as(b"stage,touchpoint,action\nS,T,does\n") == "csv"
    assert read_as("\ufeffPhase;Touchpoint;Pains\nS;T;p\n".encode()) == "csv"
    assert (
        read_as(b"My map,Search,Search,Contract\nTouchpoint,Reads,Visits,Signs\nPains,Stale,,\n")
        == "grid-csv"
    )


def test_errors_by_line(tenant: Tenant) -> None:
    text = b"stage,touchpoint,emotion,emotion_scale\nS,T,9,smaply\nS,U,1,smaply\n,,,\nS,V,1,nosuch\n"
    answer = tenant.client.call("POST", URL, text, content_type="text/csv")
    assert answer.status_code == 400
    told = [error["detail"].partition(": ")[0] for error in answer.json()["errors"]]
    assert told == ["line 2", "line 5"]
