"""A map read from foreign bytes, laid over one that is there.

    people      personas matched, and every reference to one spelled by its final id
    matching    stages and touchpoints matched: by id, key, name, place
    members     what a member becomes: what the bytes could not say, or say as before, stays
    joining     the two documents become one; what would be erased is told

Documents are plain values here. `base` is the stored document as it comes back from the format it was read
from: what differs from it is what somebody changed.
"""

from .joining import Joined, OnMissing, join
from .matching import Candidate, Match, Overrides, matched

__all__ = ["Candidate", "Joined", "Match", "OnMissing", "Overrides", "join", "matched"]
