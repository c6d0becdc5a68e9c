"""The head of the page, in the order in which it is read: whose journey, how it does, where it hurts."""

from __future__ import annotations

from journeys.render.board import Board, Hurt
from journeys.render.element import Markup, el, join, safe_href
from journeys.render.headline import notices, people, subtitle
from journeys.render.palette import SIGNS
from journeys.render.words import VERDICTS

from .chip import chips, sign
from .drawer import of_map, opener
from .instant import age
from .strip import toc
from .travel import travel

_HURTS = 3


def head(board: Board) -> Markup:
    """Return the page's header."""
    panel = of_map(board)
    name = opener("map", board.document.name, shown=panel is not None)
    return el(
        "header",
        {"class": "head", "id": "head"},
        el("div", {"class": "who"}, el("h1", {"dir": "auto"}, name), _whose(board)),
        el("div", {"class": "how"}, _counts(board), _now(board)),
        _read_with(board),
        el("div", {"class": "own"}, chips(board.marks, board.face.as_of)) if board.marks else None,
        travel(board.face),
        toc(board),
        panel,
    )


def _whose(board: Board) -> Markup:
    kind, *rest = (el("bdi", None, part) for part in subtitle(board))
    names, others = people(board)
    who = [el("b", None, el("bdi", None, name)) for name in names]
    more = [f"and {others} more"] if others else []
    parts = [kind, *who, *more, *rest]
    return el("p", {"class": "whose"}, parts[0], *(join(" · ", part) for part in parts[1:]))


def _counts(board: Board) -> Markup:
    items = []
    for standing, count in board.counts.items():
        shown = SIGNS[standing]
        word = sign(standing, shown.glyph, shown.word)
        items.append(el("li", None, el("b", {"class": "num"}, str(count)), " ", word))
    if not items:
        return el("p", {"class": "none"}, "nothing measured yet")
    return el("ul", {"class": "counts", "role": "list", "aria-label": "Figures by status"}, *items)


def _read_with(board: Board) -> Markup | None:
    """Return where it hurts, and what must be read with the figures."""
    lines = notices(board)
    said = None
    if lines:
        said = el(
            "ul", {"class": "notices", "role": "list"}, *(el("li", {"dir": "auto"}, line) for line in lines)
        )
    if not board.hurts:
        return el("div", {"class": "read-with"}, said) if said else None
    rest = len(board.hurts) - _HURTS
    shown = (_hurt(hurt, board) for hurt in board.hurts[:_HURTS])
    more = el("li", {"class": "more"}, f"and {rest} more in breach") if rest > 0 else None
    lead = el("p", {"class": "lead", "id": "hurts"}, "Where it hurts")
    return el(
        "div",
        {"class": "read-with"},
        lead,
        el("ul", {"role": "list", "aria-labelledby": "hurts"}, *shown, more),
        said,
    )


def _hurt(hurt: Hurt, board: Board) -> Markup:
    mark = hurt.mark
    glyph = el("span", {"class": "glyph is-breach", "aria-hidden": "true"}, SIGNS["breach"].glyph)
    place = el("bdi", {"class": "place"}, hurt.place or board.document.name)
    told = [el("bdi", None, mark.label)]
    if mark.is_shown and mark.value:
        told.append(el("bdi", {"class": "figure"}, mark.value))
    if mark.is_shown and mark.trend:
        word = f" {VERDICTS[mark.verdict]}" if mark.verdict else ""
        told.append(
            el(
                "span",
                {"class": f"trend is-{mark.verdict or 'plain'}"},
                el("bdi", None, f"{mark.trend}{word}"),
            )
        )
    content = join(glyph, *(join(" ", part) for part in (place, *told)))
    if not hurt.anchor:
        return el("li", None, el("span", {"class": "way-to"}, content))
    return el("li", None, el("a", {"class": "way-to", "href": f"#{hurt.anchor}"}, content))


def _now(board: Board) -> Markup:
    """Return how current the page is, what it covers, and its other forms."""
    face = board.face
    state = covered = None
    if face.updated_at is not None:
        live = "live" if face.refresh_s else "still"
        dot = el("span", {"class": "dot", "aria-hidden": "true"})
        told = el("bdi", None, "updated ", age(face.updated_at, face.as_of))
        state = el("p", {"class": f"pulse {live}"}, dot, told)
    if board.rollup is not None and board.rollup.coverage:
        covered = el("p", None, el("bdi", None, board.rollup.coverage))
    lost = el("p", {"class": "lost", "hidden": "", "role": "status"})
    return el("div", {"class": "now-line"}, covered, state, lost, _links(board))


def _links(board: Board) -> Markup | None:
    safe = [(link.label, href) for link in board.face.links if (href := safe_href(link.href))]
    items = (el("li", None, el("a", {"href": href}, label)) for label, href in safe)
    return el("ul", {"class": "links", "role": "list"}, *items) if safe else None
