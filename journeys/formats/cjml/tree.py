"""XML → nodes, with nothing that XML can be abused for: no DTD, no entities, bounded depth and count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from journeys.formats.texts import clean

NODES_MAX = 200_000
DEPTH_MAX = 50


class Refused(Exception):
    """The XML is not read; `line` counts from 1."""

    def __init__(self, line: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.line, self.code, self.detail = line, code, detail


@dataclass(slots=True)
class Node:
    """An element: its name without prefix, what stands in it, and its line."""

    name: str
    line: int
    attributes: dict[str, str]
    children: list[Node] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The element's own text, cleaned."""
        return clean("".join(self.parts))

    def all(self, name: str) -> Iterator[Node]:
        """Yield the children of that name, in any case of letters."""
        return (child for child in self.children if child.name.lower() == name.lower())

    def first(self, *path: str) -> Node | None:
        """Return the first node down a path of names."""
        node: Node | None = self
        for name in path:
            node = next(node.all(name), None) if node else None
        return node

    def text_at(self, *path: str) -> str:
        """Return the text of the first node down a path, "" where there is none."""
        node = self.first(*path)
        return node.text if node else ""


def parse_xml(raw: bytes) -> Node:
    """Return the root. Raises Refused."""
    parser = expat.ParserCreate()
    root = Node("", 0, {})
    open_: list[Node] = [root]
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if len(open_) > DEPTH_MAX or count > NODES_MAX:
            detail = f"At most {NODES_MAX} elements, {DEPTH_MAX} deep, are read."
            raise Refused(parser.CurrentLineNumber, "too_large", detail)
        local = {_local(key): clean(value) for key, value in attributes.items()}
        node = Node(_local(name), parser.CurrentLineNumber, local)
        open_[-1].children.append(node)
        open_.append(node)

    def end(_: str) -> None:
        open_.pop()

    def text(data: str) -> None:
        open_[-1].parts.append(data)

    def doctype(*_: object) -> None:
        detail = "A document type and entities are not read: send the XML without <!DOCTYPE …>."
        raise Refused(parser.CurrentLineNumber, "doctype", detail)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = doctype
    parser.buffer_text = True
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise Refused(error.lineno, "not_xml", f"This is not well-formed XML: {error}.") from None
    except (ValueError, LookupError) as error:
        raise Refused(1, "not_xml", f"This is not XML that can be read: {error}.") from None
    return root.children[0]


def _local(name: str) -> str:
    return name.rpartition(":")[2]
