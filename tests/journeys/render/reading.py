"""Reading what was drawn: the page and the picture as trees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"
_RAW = re.compile(r"(<(style|script)[^>]*>).*?(</\2>)", re.S)


def read_page(page: str) -> ElementTree.Element:
    """Return the page as a tree, without the content of style and script (which are not XML)."""
    return ElementTree.fromstring(_RAW.sub(r"\1\3", page.removeprefix("<!DOCTYPE html>")))


def read_picture(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture)


def has(node: ElementTree.Element, name: str) -> bool:
    """Return True where the element has that class."""
    return name in node.get("class", "").split()


def all_with(tree: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [node for node in tree.iter() if has(node, name)]


def words(node: ElementTree.Element) -> str:
    """Return all text inside, blanks made single."""
    return " ".join(" ".join(node.itertext()).split())


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    top: float
    width: float
    height: float

    def meets(self, other: Box) -> bool:
        """Return True where the two share more than an edge."""
        return (
            self.left < other.left + other.width - 0.01
            and other.left < self.left + self.width - 0.01
            and self.top < other.top + other.height - 0.01
            and other.top < self.top + self.height - 0.01
        )


def cards(tree: ElementTree.Element, x: float = 0, y: float = 0) -> Iterator[Box]:
    """Yield the frames of the picture's figures, moves of the groups around them added up."""
    move = re.match(r"translate\((\S+) (\S+)\)", tree.get("transform", ""))
    if move:
        x, y = x + float(move[1]), y + float(move[2])
    if has(tree, "chip"):
        frame = next(node for node in tree if node.tag == f"{SVG}rect")
        left, top = float(frame.get("x", 0)), float(frame.get("y", 0))
        yield Box(x + left, y + top, float(frame.get("width", 0)), float(frame.get("height", 0)))
    for child in tree:
        yield from cards(child, x, y)
