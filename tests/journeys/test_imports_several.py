"""Several maps in one call, parallel imports, and large ones."""

from __future__ import annotations

import base64
import io
from typing import Any

import xlsxwriter

from tests.conftest import Tenant
from tests.journeys.make import draft_of, names
from tests.service.parallel import at_once

URL = "/v1/journey-maps/imports"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(sheets: dict[str, list[list[str]]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    return out.getvalue()


def grid(*stages: str) -> list[list[str]]:
    return [
        ["", *stages],
        ["Touchpoint", *(f"{stage} it" for stage in stages)],
        ["Pains", *("p" for _ in stages)],
    ]


def maps_of(answer: Any) -> list[dict[str, Any]]:
    return list(answer.json()["maps"])


def test_a_workbook_of_forty_maps(tenant: Tenant) -> None:
    raw = workbook({f"Map {n}": grid("Find", f"Buy {n}") for n in range(40)})
    told = maps_of(tenant.client.call("POST", f"{URL}?dry_run=true", raw, content_type=XLSX))
    assert [one["status"] for one in told] == ["created"] * 40
    answer = tenant.client.call("POST", URL, raw, content_type=XLSX)
    assert answer.status_code == 201
    done = maps_of(answer)
    assert [one["place"] for one in done] == [f"Map {n}" for n in range(40)]
    assert names(draft_of(tenant, {"id": done[7]["journey_map"]})) == [
        ["Find", "Find it"],
        ["Buy 7", "Buy 7 it"],
    ]
    again = tenant.client.call("POST", URL, raw, content_type=XLSX)
    assert (again.status_code, {one["status"] for one in maps_of(again)}) == (200, {"unchanged"})
    assert [one["journey_map"] for one in maps_of(again)] == [one["journey_map"] for one in done]


def test_all_or_none_unless_the_others_are_wanted(tenant: Tenant) -> None:
    raw = workbook({"Good": grid("A"), "Bad": [["", *(f"S{n}" for n in range(101))], ["T", *["t"] * 101]]})
    refused = tenant.client.call("POST", URL, raw, content_type=XLSX)
    assert (refused.status_code, refused.json()["code"]) == (400, "import_refused")
    assert {error["pointer"] for error in refused.json()["errors"]} == {"/maps/1"}
    assert all(error["detail"].startswith("Bad") for error in refused.json()["errors"])
    assert tenant.client.call("GET", "/v1/journey-maps").json()["results"] == []
    done = maps_of(tenant.client.call("POST", f"{URL}?on_invalid=skip", raw, content_type=XLSX))
    assert [one["status"] for one in done] == ["created", "refused"]
    assert len(tenant.client.call("GET", "/v1/journey-maps").json()["results"]) == 1


def test_what_becomes_of_each(tenant: Tenant) -> None:
    first = workbook({"One": grid("A", "B"), "Two": grid("C"), "Notes": grid("N")})
    body = {
        "format": "grid-xlsx",
        "content_base64": base64.b64encode(first).decode(),
        "maps": [{"place": "One", "key": "one"}, {"place": "Notes", "skip": True}],
    }
    done = maps_of(tenant.client.call("POST", URL, body))
    assert [one["status"] for one in done] == ["created", "created", "skipped"]
    second = workbook({"One": grid("A", "Bee"), "Two": grid("C")})
    body["content_base64"] = base64.b64encode(second).decode()
    body["maps"] = [
        {"place": "One", "into": "one", "etag": done[0]["draft_etag"]},
        {"place": "Two", "into": done[1]["journey_map"], "etag": "*"},
    ]
    again = maps_of(tenant.client.call("POST", URL, body))
    assert [one["status"] for one in again] == ["changed", "unchanged"]
    assert names(draft_of(tenant, {"id": "one"}))[1] == ["Bee", "Bee it"]
    body["maps"] = [{"place": "One", "into": "one"}]
    assert tenant.client.call("POST", URL, body).status_code == 428
    body["maps"] = [{"place": place, "into": "one", "etag": "*"} for place in ("One", "Two")]
    twice = tenant.client.call("POST", URL, body)
    assert (twice.status_code, twice.json()["errors"][0]["code"]) == (400, "into_twice")
    aloof = tenant.client.call("POST", f"{URL}?into=one", second, content_type=XLSX, etag="*")
    assert aloof.json()["errors"][0]["code"] == "several_maps"


def test_of_parallel_imports_of_the_same_bytes_one_makes_the_map(tenant: Tenant) -> None:
    raw = b"journey\ntitle T\nsection S\nFoo: 5\n"

    def work(number: int) -> dict[str, Any]:
        return maps_of(tenant.client.call("POST", URL, raw, content_type="text/vnd.mermaid"))[0]

    done = at_once(4, work)
    assert sorted(one["status"] for one in done) == ["created", "unchanged", "unchanged", "unchanged"]
    assert len({one["journey_map"] for one in done}) == 1


def test_five_hundred_touchpoints_there_and_back(tenant: Tenant) -> None:
    lines = [f"section S{s}\n" + "".join(f"T{s}.{t}: 3: P{t % 20}\n" for t in range(50)) for s in range(10)]
    raw = ("journey\ntitle Large\n" + "".join(lines)).encode()
    [done] = maps_of(tenant.client.call("POST", URL, raw, content_type="text/vnd.mermaid"))
    assert done["status"] == "created"
    where = f"/v1/journey-maps/{done['journey_map']}"
    text = tenant.client.call("GET", f"{where}/export?format=csv").content
    for body, kind in ((raw, "text/vnd.mermaid"), (text, "text/csv")):
        answer = tenant.client.call(
            "POST", f"{URL}?into={done['journey_map']}", body, content_type=kind, etag="*"
        )
        assert maps_of(answer)[0]["status"] == "unchanged"
