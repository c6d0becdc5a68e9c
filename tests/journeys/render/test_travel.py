"""The page in a real browser: through time, the story beside a touchpoint, and what axe-core says."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from journeys.render.face import Stop
from journeys.render.html.page import render_html

from . import samples
from .browser import FOUND, Page, chromium
from .test_browser import Host

pytestmark = [
    pytest.mark.chromium,
    pytest.mark.skipif(FOUND is None, reason="no Chromium here (apt-get install chromium)"),
]
FIRST = samples.NOW - timedelta(days=30)
STOPS = (
    Stop(FIRST, "version 6", is_version=True),
    Stop(samples.NOW - timedelta(days=8), "end of a period"),
    Stop(samples.NOW - timedelta(days=3), "version 7", is_version=True),
)
_GLOBAL = ("/usr/lib", "/usr/local/lib", "/usr/share")
_PLACES = [os.environ.get("AXE_CORE", ""), *(f"{r}/node_modules/axe-core/axe.min.js" for r in _GLOBAL)]
AXE = next((Path(place) for place in _PLACES if place and Path(place).is_file()), None)


def page_at(stop: Stop | None, value: str, **more: Any) -> str:
    """The claim as of a stop (None: now), with one figure that tells which page it is."""
    pinned = {"as_of": stop.at, "refresh_s": 0, "version": 6} if stop else {"etag": '"now"'}
    face = samples.face(stops=STOPS, **pinned | more)
    marks = (samples.mark(1, value=value), *samples.claim_marks()[2:])
    return render_html(samples.claim(), marks, face)


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def host() -> Iterator[Host]:
    served = Host()
    served.show(page_at(None, "77.7 %", refresh_s=1), '"now"')
    for stop in STOPS:
        query = "as_of=" + quote(stop.at.isoformat().replace("+00:00", "Z"), safe="")
        served.past[query] = page_at(stop, f"{11 * (1 + STOPS.index(stop))}.1 %")
    yield served
    served.close()


def press(page: Page, key: str, code: int) -> None:
    for kind in ("keyDown", "keyUp"):
        page.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)


def shown(page: Page, value: str) -> None:
    page.wait(
        f"document.querySelector('#t-{samples.element(1)} .chip .num').textContent.startsWith('{value}')"
    )


def test_arrow_keys_travel_and_back_again(page: Page, host: Host) -> None:
    page.open(host.address, width=1280)
    page.run("document.getElementById('when').focus()")
    assert page.run("document.getElementById('when').getAttribute('aria-valuetext')") == "now"
    press(page, "ArrowLeft", 37)
    shown(page, "33.1")
    told = page.run("[document.querySelector('.when').textContent, location.search.includes('as_of=')]")
    assert "version 7" in told[0]
    assert told[1]
    assert "As of" in page.run("document.querySelector('.notices').textContent")
    assert page.run("document.activeElement.id") == "when"
    press(page, "Home", 36)
    shown(page, "11.1")
    asked = len(host.asked)
    page.run("new Promise(next => setTimeout(next, 1500))")
    assert len(host.asked) == asked  # the past is not asked again by itself
    press(page, "End", 35)
    shown(page, "77.7")
    assert page.run("location.search") == ""
    assert page.run("document.querySelector('.when').textContent") == "now"
    page.run("new Promise(next => setTimeout(next, 1500))")
    assert host.asked[-1] == '"now"'  # and the present is, conditionally
    press(page, "Home", 36)
    shown(page, "11.1")
    assert host.asked[-1] == f'"{len(next(iter(host.past.values())))}"'  # known: asked conditionally
    page.run("document.querySelector('.to-now').click()")
    shown(page, "77.7")
    assert page.complaints == []


def test_a_page_opened_in_the_past_knows_where_it_stands(page: Page, host: Host) -> None:
    page.open(f"{host.address}?{list(host.past)[1]}", width=1280)
    assert page.run("document.getElementById('when').value") == "1"
    page.run("document.querySelector('.to-now').click()")
    shown(page, "77.7")
    page.wait("document.querySelector('.pulse.live') !== null")


def test_without_stops_there_is_no_slider(page: Page, host: Host) -> None:
    host.show(render_html(samples.claim(), (), samples.face(refresh_s=0)), '"1"')
    page.open(host.address, width=1280)
    assert page.run("document.getElementById('when')") is None
    assert page.complaints == []


def test_a_story_shows_beside_the_touchpoint_that_one_points_at(page: Page, host: Host) -> None:
    page.open(host.address, width=1280)
    box = page.run(
        f"(() => {{ const b = document.querySelector('#t-{samples.element(1)} .touch-head')"
        ".getBoundingClientRect(); return [b.x + 20, b.y + 20]; })()"
    )
    page.call("Input.dispatchMouseEvent", type="mouseMoved", x=box[0], y=box[1], pointerType="mouse")
    page.wait("!document.querySelector('.peek').hidden")
    assert page.run("document.querySelector('.peek svg.chart .level.breach') !== null")
    inside = "(() => { const b = document.querySelector('.peek').getBoundingClientRect();"
    inside += " return b.left >= 0 && b.top >= 0 && b.right <= innerWidth && b.bottom <= innerHeight; })()"
    assert page.run(inside)
    press(page, "Escape", 27)
    assert page.run("document.querySelector('.peek').hidden")
    page.call("Input.dispatchMouseEvent", type="mouseMoved", x=2, y=2, pointerType="mouse")
    page.run(f"document.querySelector('#t-{samples.element(2)} .opener').focus({{focusVisible: true}})")
    page.wait("!document.querySelector('.peek').hidden")
    page.run("document.activeElement.click()")
    assert page.run("document.querySelector('.drawer:popover-open') !== null")
    assert page.run("document.querySelector('.peek').hidden")
    assert page.complaints == []


def test_a_tapped_figure_opens_the_touchpoints_panel(page: Page, host: Host) -> None:
    page.open(host.address, width=390, height=844)
    page.run(f"document.querySelector('#t-{samples.element(1)} .chip').click()")
    panel = "document.querySelector('.drawer:popover-open')"
    assert "77.7 %" in page.run(f"{panel}.innerText")
    assert page.run(f"{panel}.querySelector('svg.chart').getBoundingClientRect().width") > 250
    assert page.run("document.documentElement.scrollWidth") <= 390


@pytest.mark.skipif(AXE is None, reason="no axe-core: npm install -g axe-core, or AXE_CORE=…/axe.min.js")
@pytest.mark.parametrize("state", ["page", "panel", "phone", "dark", "past"])
def test_axe_finds_nothing_serious(page: Page, host: Host, state: str) -> None:
    assert AXE is not None
    past = f"?{next(iter(host.past))}" if state == "past" else ""
    scheme = {"name": "prefers-color-scheme", "value": "dark" if state == "dark" else "light"}
    page.call("Emulation.setEmulatedMedia", features=[scheme])
    page.open(host.address + past, width=390 if state == "phone" else 1280)
    if state == "panel":
        page.run(f"document.querySelector('#t-{samples.element(1)} .opener').click()")
    page.call("Runtime.evaluate", expression=AXE.read_text(encoding="utf-8"))
    found = page.run(
        "axe.run(document, {resultTypes: ['violations']}).then(result => result.violations"
        ".filter(one => ['serious', 'critical'].includes(one.impact))"
        ".map(one => [one.id, one.nodes.slice(0, 3).map(node => node.html.slice(0, 200))]))"
    )
    page.call("Emulation.setEmulatedMedia", features=[])
    assert found == []
