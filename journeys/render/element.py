"""Building markup. Text becomes markup in one place only, here, and is escaped on the way.

`Markup` is a string that is already markup; `el` takes any other string for text. Output is well-formed
XML as well as HTML: attributes are quoted, void elements closed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Attribute = str | int | float | None
"""None leaves the attribute out; numbers are written short."""
Attributes = dict[str, Attribute]

_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})
_DRAWN = frozenset({"circle", "ellipse", "line", "path", "polygon", "polyline", "rect", "stop", "use"})
_UNSAFE = re.compile("[&<>\"'\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}


class Markup(str):
    """A string that is markup: it goes out as it is."""

    __slots__ = ()


def escape(text: str) -> str:
    """Return text safe in content and in quoted attributes; what XML cannot carry becomes U+FFFD."""
    if _UNSAFE.search(text) is None:
        return text
    return _UNSAFE.sub(lambda match: _ESCAPES.get(match[0], "\ufffd"), text)


def number(value: float) -> str:
    """Return a coordinate with at most two digits after the point, and no trailing zeros."""
    if value == int(value):
        return str(int(value))
    return f"{value:.2f}".rstrip("0").rstrip(".")


def el(tag: str, attributes: Mapping[str, Attribute] | None = None, *children: str | None) -> Markup:
    """Return the element `tag`. Children that are not Markup are text; None is nothing at all."""
    out = ["<", tag]
    if attributes:
        for name, value in attributes.items():
            if value is None:
                continue
            text = escape(value) if isinstance(value, str) else number(value)
            out += (" ", name, '="', text, '"')
    if tag in _VOID or (tag in _DRAWN and not children):
        out.append("/>")
        return Markup("".join(out))
    out.append(">")
    for child in children:
        if child is not None:
            out.append(child if isinstance(child, Markup) else escape(child))
    out += ("</", tag, ">")
    return Markup("".join(out))


def join(*children: str | None) -> Markup:
    """Return children side by side, with no element around them."""
    return Markup(
        "".join(c if isinstance(c, Markup) else escape(c) for c in children if c is not None),
    )


def safe_href(href: str) -> str | None:
    """Return an address that a reader may follow: http, https, mailto, or a path of this host; else None."""
    address = href.strip()
    if re.match(r"(?i)(https?://|mailto:)[^\s]+\Z", address):
        return address
    if address.startswith(("/", "?", "#", "./")) and not address.startswith("//") and "\\" not in address:
        return address
    return None
