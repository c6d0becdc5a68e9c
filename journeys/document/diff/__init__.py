"""What is different between two documents, told so that it can be read, done, and undone.

    parts       everything in a document that has an identity, with its place
    fields      members that differ
    order       what moved among siblings, as little as can be
    changes     diff: two documents in, changes out
    workbench   a document edited step by step, each step an operation of RFC 6902
    doing       apply and json_patch: changes in, the other document or its patch out
    pairing     two stored documents, read as far as they differ
    matching    two maps: which element of one is which of the other
    phrases     values in words
    story       change_log: changes in the order of the story, as Markdown

Documents are plain values here (`to_plain`, parsed canonical bytes); everything in them has its id.
"""

from .changes import Change, Verb, diff
from .doing import apply, json_patch
from .matching import Match, by_origin, matches, with_element_ids
from .order import moved
from .pairing import paired
from .parts import Key, Kind, Part, Place, Plain, parts_of, put_entries
from .story import change_log

__all__ = [
    "Change",
    "Key",
    "Kind",
    "Match",
    "Part",
    "Place",
    "Plain",
    "Verb",
    "apply",
    "by_origin",
    "change_log",
    "diff",
    "json_patch",
    "matches",
    "moved",
    "paired",
    "parts_of",
    "put_entries",
    "with_element_ids",
]
