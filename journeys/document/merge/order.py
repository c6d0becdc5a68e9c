"""Siblings, three ways."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence


def merged_order(
    ours: Sequence[str],
    theirs: Sequence[str],
    placed_by_theirs: Collection[str],
    members: Mapping[str, int],
) -> list[str]:
    """Return the members of a list in their order.

    They stand as in ours; what theirs put somewhere stands behind what it stands behind there. `members` are
    ids with the index to fall back on where neither side has them in this list.
    """
    found = [own for own in ours if own in members and own not in placed_by_theirs]
    at = 0
    for own in theirs:
        if own in placed_by_theirs and own in members:
            found.insert(at, own)
            at += 1
        elif own in found:
            at = found.index(own) + 1
    there = set(found)
    for own, index in members.items():
        if own not in there:
            found.insert(index, own)
    return found
