"""Three documents in, one out: what two sides made of a common base, put together.

    decisions   what differs between the sides, and what somebody decided about it
    presence    what is there in the end: kept, added, removed, or in dispute
    members     members of a thing, three ways
    order       siblings, three ways
    merging     merge: all of these, and the document
    foreign     a document of another map, seen from here

Nothing is lost silently: where both sides changed one thing, each to something else, it is a conflict with
its three values, until somebody takes a side.
"""

from .decisions import Conflict, Resolution, Side, UnknownResolution
from .foreign import OWN, WRITTEN, as_own, elements_of, keeping
from .merging import Merged, merge

__all__ = [
    "OWN",
    "WRITTEN",
    "Conflict",
    "Merged",
    "Resolution",
    "Side",
    "UnknownResolution",
    "as_own",
    "elements_of",
    "keeping",
    "merge",
]
