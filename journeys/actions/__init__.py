"""Writes of this room: keyword-only, atomic, told the instant by `at`."""

from journeys.actions.collections import archive_collection, change_collection, create_collection
from journeys.actions.copies import copy_map
from journeys.actions.drafts import (
    discard_draft,
    merge_draft,
    patch_draft,
    replace_draft,
    representation,
)
from journeys.actions.elements import (
    AlreadyQuoted,
    Edited,
    add_quote,
    add_stage,
    add_touchpoint,
    change_element,
    move_element,
    remove_element,
    reorder_draft,
)
from journeys.actions.import_order import (
    ISSUES_MAX,
    Imported,
    ImportRefused,
    Order,
    Target,
    WouldErase,
    read_maps,
    refusal_of,
)
from journeys.actions.imports import import_maps, replace_draft_by_text
from journeys.actions.labels import set_labels
from journeys.actions.maps import archive_map, bump_maps, change_map, create_map
from journeys.actions.merge_sides import Incoming
from journeys.actions.merges import MergeConflicts, MergeDone, merge_into_draft
from journeys.actions.personas import archive_persona, change_persona, create_persona
from journeys.actions.publish import NothingToPublish, Published, publish_draft, rehearse
from journeys.actions.publish_rules import PublishRefused
from journeys.actions.purges import purge_map
from journeys.actions.redactions import AlreadyRedacted, redact_item
from journeys.actions.restorations import restore_draft, restore_version
from journeys.actions.reviews import ApprovalRequired, review_draft
from journeys.actions.templates import archive_template, change_template, create_template
from journeys.actions.vocabularies import archive_vocabulary, create_vocabulary, write_vocabulary

__all__ = [
    "ISSUES_MAX",
    "AlreadyQuoted",
    "AlreadyRedacted",
    "ApprovalRequired",
    "Edited",
    "ImportRefused",
    "Imported",
    "Incoming",
    "MergeConflicts",
    "MergeDone",
    "NothingToPublish",
    "Order",
    "PublishRefused",
    "Published",
    "Target",
    "WouldErase",
    "add_quote",
    "add_stage",
    "add_touchpoint",
    "archive_collection",
    "archive_map",
    "archive_persona",
    "archive_template",
    "archive_vocabulary",
    "bump_maps",
    "change_collection",
    "change_element",
    "change_map",
    "change_persona",
    "change_template",
    "copy_map",
    "create_collection",
    "create_map",
    "create_persona",
    "create_template",
    "create_vocabulary",
    "discard_draft",
    "import_maps",
    "merge_draft",
    "merge_into_draft",
    "move_element",
    "patch_draft",
    "publish_draft",
    "purge_map",
    "read_maps",
    "redact_item",
    "refusal_of",
    "rehearse",
    "remove_element",
    "reorder_draft",
    "replace_draft",
    "replace_draft_by_text",
    "representation",
    "restore_draft",
    "restore_version",
    "review_draft",
    "set_labels",
    "write_vocabulary",
]
