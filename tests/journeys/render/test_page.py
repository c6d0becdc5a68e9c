from __future__ import annotations

import re
from datetime import timedelta
from html import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeys.document.shape import Document
from journeys.render.face import Below, Change, Face, Link, Stop
from journeys.render.html.assets import CONTENT_SECURITY_POLICY, SCRIPT, STYLE
from journeys.render.html.digits import digit_rules, digits
from journeys.render.html.page import render_html
from journeys.render.mark import Mark
from journeys.render.svg.picture import render_svg
from journeys.render.words import day

from . import samples
from .documents import documents, marks
from .reading import all_with, has, read_page, read_picture, words


@pytest.fixture(scope="module")
def page() -> str:
    return render_html(samples.claim(), samples.claim_marks(), samples.face())


def test_is_read_stage_by_stage_and_touchpoint_by_touchpoint(page: str) -> None:
    main = next(node for node in read_page(page).iter("main"))
    heard = [(node.tag, words(node)) for node in main.iter() if node.tag in ("h2", "h3")]
    told = []
    for stage in samples.claim().stages:
        told.append(("h2", stage.name))
        told += [("h3", point.name) for point in stage.touchpoints]
    assert heard == told


def test_each_lane_is_named_where_it_stands(page: str) -> None:
    touch = next(node for node in read_page(page).iter("li") if node.get("id") == f"t-{samples.element(4)}")
    terms = [(words(cell[0]), words(cell[1])) for cell in all_with(touch, "cell")]
    assert [name for name, _ in terms] == [
        "Doing",
        "Thinking",
        "Feeling",
        "Figures",
        "Pains",
        "Could be better",
    ]
    assert dict(terms)["Feeling"].endswith(
        "Grace −0.7 (worn out) Omar −0.3 measured −0.9 measured 0.2 lower than drawn"
    )


def test_says_first_whose_journey_how_it_does_where_it_hurts(page: str) -> None:
    head = all_with(read_page(page), "head")[0]
    assert words(head).startswith(
        "Claiming a carer’s benefit online Citizen journey · Grace, cares for her mother · and 1 more · "
        "current state · version 7, published 3 Nov 2025 1 ■ breach 4 ▲ watch 6 ● on target"
    )
    assert words(all_with(head, "way-to")[0]) == "■ Care you provide Completion 62.3 % −7.9 worse"
    assert "Replay: dates shifted by 628 weeks" in words(head)


def test_a_figure_tells_what_it_rests_on(page: str) -> None:
    chip = all_with(read_page(page), "is-breach")
    (told,) = [words(node) for node in chip if has(node, "chip")]
    for fact in (
        "Completion",
        "62.3 %",
        "−7.9 worse",
        "breach",
        "goal ≥ 70 %",
        "n 11,457",
        "±0.9",
        "week to 8 Mar",
    ):
        assert fact in told
    assert "so far 60.1 %, n 1,204, day 2 of 7" in told


def test_withholds_a_number_without_base_or_age() -> None:
    page = render_html(samples.claim(), [samples.mark(0, value="99.9 %", n="")], Face())
    assert "99.9 %" not in page
    assert "withheld" in page


def test_ages_are_the_browsers_on_a_living_page_and_ours_on_a_pinned_one() -> None:
    mark = samples.mark(0)
    living = render_html(samples.claim(), [mark], samples.face())
    pinned = render_html(samples.claim(), [mark], samples.face(as_of=samples.NOW + timedelta(days=2)))
    assert 'data-age=""' in living
    assert ">3.1 days old<" in pinned
    assert "As of 11 Mar 2026, 12:00 UTC" in pinned


def test_needs_nothing_from_elsewhere_and_no_inline_code(page: str) -> None:
    tree = read_page(page)
    for node in tree.iter():
        assert "style" not in node.attrib
        assert not [name for name in node.attrib if name.startswith("on")]
        for name in ("src", "href"):
            assert not node.get(name, "").startswith("http") or node.tag == "a"
    assert "@import" not in page
    assert "url(" not in page


def test_policy_names_style_and_script_by_hash(page: str) -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert STYLE in page
    assert SCRIPT in page
    assert page.count("nonce") == 0
    with_nonce = render_html(samples.claim(), (), Face(), nonce="abc")
    assert re.findall(r'<(\w+) nonce="abc"', with_nonce) == ["style", "script"]


def test_every_id_is_there_once_and_every_jump_lands(page: str) -> None:
    tree = read_page(page)
    ids = [node.get("id") for node in tree.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    jumps = [node.get("href", "#")[1:] for node in tree.iter() if node.get("href", "").startswith("#")]
    opened = [node.get("popovertarget") for node in tree.iter() if node.get("popovertarget")]
    assert {*jumps, *opened} <= set(ids)


def test_theme_language_and_direction() -> None:
    root = read_page(render_html(samples.arabic(), (), Face(theme="dark")))
    assert (root.get("lang"), root.get("dir"), root.get("data-theme")) == ("ar", "rtl", "dark")
    assert read_page(render_html(samples.claim(), (), Face())).get("data-theme") is None


def test_an_empty_map_says_what_it_will_be() -> None:
    page = render_html(Document(name="New", customer_goal="Travel in time"), (), Face())
    assert "This map has no stages yet" in page
    assert "Travel in time" in page
    assert "nothing measured yet" in page


def test_figures_without_a_place_are_not_lost() -> None:
    page = render_html(Document(name="New"), [samples.mark(0, "Old KPI")], Face())
    assert "Figures whose place is not on this version" in page
    assert "Old KPI" in page


def test_links_lead_only_where_a_reader_may_go() -> None:
    links = (Link(label="JSON", href="?format=json"), Link(label="Bad", href="javascript:alert(1)"))
    page = render_html(samples.claim(), [samples.mark(0, href="javascript:alert(2)")], Face(links=links))
    assert "?format=json" in page
    assert "javascript:" not in page


@pytest.mark.parametrize(
    ("value", "classes"), [(3, "n k0 h0 t0 u3"), (13, "n k0 h0 t1 u3"), (2040, "n k2 h0 t4 u0")]
)
def test_counts_reach_the_style_sheet_by_digits(value: int, classes: str) -> None:
    assert digits(value) == classes
    places = dict(re.findall(r"\.(\w\d)\{--\w:(\d+)\}", digit_rules()))
    assert sum(int(places[name]) for name in classes.split()[1:]) == value


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents(), st.lists(marks(), max_size=8))
def test_any_document_and_any_figures(document: Document, figures: list[Mark]) -> None:
    page = render_html(document, figures, samples.face(rollups=()))
    tree = read_page(page)
    assert page == render_html(document, figures, samples.face(rollups=()))
    assert len(all_with(tree, "chip")) == len(figures)
    names = [words(node) for node in tree.iter("h3")]
    assert names == [" ".join(point.name.split()) for point in document.touchpoints()]
    content = page.replace(SCRIPT, "").replace(STYLE, "")
    for text in _texts(document, figures):
        assert escape(text).replace("&#x27;", "&#39;") in content
    assert "<b>&" not in content
    assert content.count("<script>") == 1


def _texts(document: Document, figures: list[Mark]) -> list[str]:
    found = [document.name, *(mark.label for mark in figures)]
    for stage in document.stages:
        found += [stage.name, stage.customer_goal]
        for point in stage.touchpoints:
            lanes = (
                point.actions,
                point.pains,
                point.quotes,
                point.opportunities,
                *point.lane_items.values(),
            )
            found += [point.name, *(item.text for lane in lanes for item in lane)]
    return [text for text in found if not re.search("[\x7f-\x9f\ufffe\uffff]", text)]


def _name(element: object) -> str:
    return next(one.name for one in samples.claim().elements() if one.id == element)


def test_improvements_stand_on_the_rail_and_where_they_were_made() -> None:
    stop = Stop(samples.NOW - timedelta(days=9), "improvement: fewer questions", is_improvement=True)
    version = Stop(samples.NOW - timedelta(days=30), "version 7", is_version=True)
    made = Change(samples.element(2), stop.at, "Fewer <questions>")
    over = Change(samples.element(2), version.at, "", until=stop.at)

    def shown(*stops: Stop) -> str:
        face = samples.face(stops=stops, changes=(over, made))
        return render_html(samples.claim(), samples.claim_marks(), face)

    page = read_page(shown(version, stop))
    (rail,) = all_with(page, "ticks")
    assert (len(all_with(rail, "tick")), len(all_with(rail, "star"))) == (1, 1)
    assert [words(node) for node in all_with(page, "signs")] == ["| version ✦ improvement"]
    told, on_paper = all_with(page, "changes")
    (paper,) = all_with(page, "paper")
    assert on_paper in list(paper)
    where = f" ({_name(made.element)})"
    assert [words(row).removesuffix(where) for row in paper.iter("li")] == [
        words(row) for row in told.iter("li")
    ]
    assert all(words(row).endswith(where) for row in paper.iter("li"))
    latest, earliest = (words(row) for row in told.iter("li"))
    assert latest == f"✦ {day(made.at)} Fewer <questions>"
    assert earliest == f"✦ {day(over.at)} – {day(stop.at)} Improvement"
    assert all_with(read_page(shown(version)), "signs") == []


def test_how_the_maps_below_fare_stands_at_their_touchpoint() -> None:
    below = (Below(samples.element(2), "breach", "2 of 2 judged"), Below(samples.element(2), "unjudged"))
    face = samples.face(below=below)
    page = read_page(render_html(samples.claim(), samples.claim_marks(), face))
    told = [words(one) for one in all_with(page, "below")]
    assert told == ["In detail ■ breach 2 of 2 judged", "In detail ○ no target"]
    (place,) = (one for one in all_with(page, "touch-head") if all_with(one, "below"))
    assert words(place).startswith(_name(samples.element(2)))
    picture = words(read_picture(render_svg(samples.claim(), samples.claim_marks(), face)))
    assert "In detail ■ breach" in picture
    plain = render_html(samples.claim(), samples.claim_marks(), samples.face())
    assert all_with(read_page(plain), "below") == []
