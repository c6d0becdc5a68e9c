"""A document of another map, seen from the map that it shall be merged into."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from journeys.document.diff import Plain, with_element_ids

WRITTEN = ("wording",)
"""What publishing writes into a document; nobody's edit."""

OWN = ("name", "state", *WRITTEN)
"""What a map keeps for itself where another is merged into it: its name, whether it is the future …"""


def as_own(
    foreign: Plain, own: Plain, ids: Mapping[str, str], past: Mapping[str, list[str]]
) -> dict[str, Any]:
    """Return a document of another map with this map's ids ({theirs: ours}), and what is a map's own as ours.

    What an element continues is of this map's `past` ({element: what it continues}); of theirs, only what
    this map has is added.
    """
    found = keeping(with_element_ids(foreign, ids), own, OWN)
    for element in elements_of(found):
        theirs = [ids[one] for one in element.pop("continues", ()) if one in ids]
        if continued := list(dict.fromkeys([*past.get(element["id"], ()), *theirs])):
            element["continues"] = continued
    return found


def keeping(foreign: Plain, own: Plain, names: Collection[str]) -> dict[str, Any]:
    """Return the document with these members as ours has them."""
    found = {name: value for name, value in foreign.items() if name not in names}
    return found | {name: own[name] for name in names if name in own}


def elements_of(document: Plain) -> Iterator[dict[str, Any]]:
    """Yield each stage followed by its touchpoints."""
    for stage in document.get("stages", ()):
        yield stage
        yield from stage.get("touchpoints", ())
