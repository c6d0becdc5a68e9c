"""The page in a real browser: nothing spills over, nothing is refused, and it keeps itself current."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from journeys.render.html.assets import CONTENT_SECURITY_POLICY
from journeys.render.html.page import render_html
from journeys.render.mark import Mark

from . import samples
from .browser import FOUND, Page, chromium

pytestmark = [
    pytest.mark.chromium,
    pytest.mark.skipif(FOUND is None, reason="no Chromium here (apt-get install chromium)"),
]


class Host:
    """Serves one page as the service does: policy of hashes, ETag, 304."""

    def __init__(self, port: int = 0) -> None:
        self.page, self.etag = "", ""
        self.past: dict[str, str] = {}
        self.asked: list[str | None] = []
        self.gone = False
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                known = self.headers.get("If-None-Match")
                path, _, query = self.path.partition("?")
                if path != "/map":
                    self.send_error(404)
                    return
                host.asked.append(known)
                page, etag = host.page, host.etag
                if query:
                    page, etag = host.past[query], f'"{len(host.past[query])}"'
                if host.gone:
                    self.send_error(410)
                    return
                if known == etag:
                    self.send_response(304)
                    self.end_headers()
                    return
                body = page.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
                self.send_header("ETag", etag)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/map"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def show(self, page: str, etag: str) -> None:
        self.page, self.etag = page, etag

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def host() -> Iterator[Host]:
    served = Host()
    yield served
    served.close()


_STILL = samples.face(refresh_s=0)
PAGES = {
    "claim": render_html(samples.claim(), samples.claim_marks(), _STILL),
    "claim-dark": render_html(samples.claim(), samples.claim_marks(), replace(_STILL, theme="dark")),
    "three": render_html(samples.plain(3, 2), [samples.mark(i) for i in range(6)], _STILL),
    "twelve": render_html(samples.plain(12, 5), [samples.mark(i) for i in range(60)], _STILL),
    "arabic": render_html(samples.arabic(), [samples.mark(3, "نسبة الإتمام", status="breach")], _STILL),
    "long": render_html(
        samples.long_names(), [samples.mark(0, samples.LONG, "1,234,567.89 EUR", target=samples.LONG)], _STILL
    ),
    "unmeasured": render_html(samples.claim(), (), _STILL),
    "empty": render_html(samples.claim(stages=[], transitions=[]), (), _STILL),
}

_OVERFLOWS = """(() => {
  const root = document.documentElement, wide = [];
  if (root.scrollWidth > innerWidth) wide.push(['page', root.scrollWidth]);
  for (const one of document.querySelectorAll('.chip, .cell, .touch-head, .stage-head, .label, .toc li'))
    if (one.offsetParent && one.scrollWidth > one.clientWidth + 1)
      wide.push([one.className, one.textContent]);
  return wide;
})()"""
_COLLISIONS = """(() => {
  const boxes = [...document.querySelectorAll('.chip')].filter(chip => chip.offsetParent)
    .map(chip => chip.getBoundingClientRect());
  const met = (a, b) => a.left < b.right - 0.5 && b.left < a.right - 0.5
    && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;
  return boxes.flatMap((a, i) => boxes.slice(i + 1).filter(b => met(a, b)).map(b => [a.x, a.y, b.x, b.y]));
})()"""


@pytest.mark.parametrize("width", [390, 768, 1280, 1920])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_spills_and_nothing_is_refused(page: Page, host: Host, name: str, width: int) -> None:
    host.show(PAGES[name], '"1"')
    page.open(host.address, width=width)
    assert page.run(_OVERFLOWS) == []
    assert page.run(_COLLISIONS) == []
    assert page.complaints == []


def test_stage_heads_and_labels_stay_in_sight(page: Page, host: Host) -> None:
    host.show(PAGES["twelve"], '"1"')
    page.open(host.address, width=1280, height=600)
    page.run("document.querySelector('.board').style.scrollBehavior = 'auto'")
    moved = page.run(
        "(() => { const board = document.querySelector('.board'); board.scrollTo(2000, 100);"
        " const box = board.getBoundingClientRect();"
        " const at = (x, y) => document.elementFromPoint(box.left + x, box.top + y);"
        " return [board.scrollLeft, board.scrollTop, !!at(600, 10).closest('.stage-head'),"
        " !!at(600, 100).closest('.touch-head'), !!at(20, 300).closest('.labels')]; })()"
    )
    assert moved == [2000, 100, True, True, True]


def test_a_phone_shows_one_stage_per_screen(page: Page, host: Host) -> None:
    host.show(PAGES["claim"], '"1"')
    page.open(host.address, width=390, height=844)
    widths = page.run("[...document.querySelectorAll('.head, .stage')].map(one => one.offsetWidth)")
    assert widths == [390] * 6
    page.run("document.querySelector('.strip li:nth-child(3) a').click()")
    page.wait("Math.abs(document.getElementById('page').scrollLeft - 780) < 2")
    page.wait("document.querySelectorAll('.strip [aria-current]').length === 1")
    assert page.run("document.querySelector('.strip [aria-current]').textContent").startswith("You and your")


def test_a_touchpoint_tells_more_by_keyboard(page: Page, host: Host) -> None:
    host.show(PAGES["claim"], '"1"')
    page.open(host.address, width=1280)
    page.run(f"document.querySelector('#t-{samples.element(4)} .opener').focus()")
    for kind in ("keyDown", "keyUp"):
        page.call(
            "Input.dispatchKeyEvent",
            type=kind,
            key="Enter",
            code="Enter",
            text="\r",
            windowsVirtualKeyCode=13,
        )
    assert "Usability round 3" in page.run("document.querySelector('.drawer:popover-open').innerText")
    for kind in ("keyDown", "keyUp"):
        page.call("Input.dispatchKeyEvent", type=kind, key="Escape", code="Escape", windowsVirtualKeyCode=27)
    assert page.run("document.querySelector('.drawer:popover-open')") is None
    assert page.run("document.activeElement.textContent") == "Care you provide"


def _changed() -> tuple[Mark, ...]:
    """Return the claim's figures with one gone from good to breach."""
    first, second, *rest = samples.claim_marks()
    return (first, replace(second, value="61.0 %", status="breach", trend="−30.8", verdict="worse"), *rest)


def test_keeps_itself_current_in_place(page: Page, host: Host) -> None:
    face = samples.face(refresh_s=1, etag='"a"')
    host.show(render_html(samples.claim(), samples.claim_marks(), face), '"a"')
    page.open(host.address, width=1280)
    page.run("document.querySelector('.board').scrollTo({left: 200, top: 150, behavior: 'instant'})")
    page.run(f"document.getElementById('d-t-{samples.element(4)}').showPopover()")
    page.run(f"window.kept = document.getElementById('t-{samples.element(5)}')")
    host.show(render_html(samples.claim(), _changed(), replace(face, etag='"b"')), '"b"')
    page.wait("document.querySelectorAll('.chip.flash').length === 1")
    chip = page.run("document.querySelector('.chip.flash').innerText")
    assert "61.0 %" in chip
    assert "breach" in chip
    assert "About you Completion: breach" in page.run("document.getElementById('news').textContent")
    assert page.run("document.querySelector('.drawer:popover-open') !== null")
    assert page.run("window.kept.isConnected")
    assert page.run(
        "[document.querySelector('.board').scrollLeft, document.querySelector('.board').scrollTop]"
    ) == [
        200,
        150,
    ]
    page.wait("document.querySelectorAll('.way-to').length === 2")
    assert host.asked[:2] == [None, '"a"']
    page.run("new Promise(next => setTimeout(next, 1500))")
    assert host.asked[-1] == '"b"'
    assert page.complaints == []


def test_says_when_the_connection_is_lost_and_when_it_is_back(page: Page, host: Host) -> None:
    host.show(render_html(samples.claim(), (), samples.face(refresh_s=1)), '"a"')
    page.open(host.address, width=1280)
    port = host.server.server_port
    host.close()
    page.wait("document.querySelector('.lost').textContent.startsWith('Connection lost')")
    assert page.run("document.querySelector('.pulse.live')") is None
    again = Host(port)
    again.show(host.page, host.etag)
    try:
        page.run("dispatchEvent(new Event('online'))")
        page.wait("document.querySelector('.lost').hidden && document.querySelector('.pulse.live') !== null")
    finally:
        again.close()


def test_does_not_ask_while_hidden(page: Page, host: Host) -> None:
    host.show(render_html(samples.claim(), (), samples.face(refresh_s=1)), '"a"')
    page.open(host.address, width=1280)
    hide = "Object.defineProperty(document, 'hidden', {{value: {}, configurable: true}});"
    turn = "document.dispatchEvent(new Event('visibilitychange'))"
    page.run(hide.format("true") + turn)
    asked = len(host.asked)
    page.run("new Promise(next => setTimeout(next, 2500))")
    assert len(host.asked) == asked
    page.run(hide.format("false") + turn)
    page.run("new Promise(next => setTimeout(next, 300))")
    assert len(host.asked) == asked + 1


def test_a_view_that_has_ended_says_so_and_stops(page: Page, host: Host) -> None:
    host.show(render_html(samples.claim(), (), samples.face(refresh_s=1)), '"a"')
    page.open(host.address, width=1280)
    host.gone = True
    page.wait("document.querySelector('.lost').textContent.startsWith('This view has ended')")
    asked = len(host.asked)
    page.run("new Promise(next => setTimeout(next, 1500))")
    assert len(host.asked) == asked


def test_ages_are_counted_in_the_browser(page: Page, host: Host) -> None:
    host.show(render_html(samples.claim(), samples.claim_marks(), _STILL), '"a"')
    page.open(host.address, width=1280)
    told = page.run("[...document.querySelectorAll('time[data-age]')].map(time => time.textContent)")
    assert told
    assert all(age.endswith(" ago") for age in told)


def test_prints_every_touchpoint_and_figure(page: Page, host: Host) -> None:
    host.show(PAGES["claim"], '"1"')
    page.open(host.address, width=1120)
    page.call("Emulation.setEmulatedMedia", media="print")
    try:
        shown = page.run(
            "['.touch', '.chip', '.board'].map(kind => [...document.querySelectorAll(kind)]"
            ".filter(one => one.getBoundingClientRect().height > 0).length)"
        )
        assert shown[:2] == [14, 16]
        assert page.run("getComputedStyle(document.querySelector('.board')).overflowX") == "visible"
        assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    finally:
        page.call("Emulation.setEmulatedMedia", media="")
