"""Labels tell the series of one KPI apart; a selector names one of them, or several to be summed again.

A selector gives each label a value or `*` (any value, re-summed). A label that it does not name must be
absent: so a total that somebody sent without labels never adds to its parts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from kpis.series.pointer import pointer
from service.errors import Issue

EVERY = "*"
MOST_LABELS = 8
_MOST_NAME, _MOST_VALUE, _MOST_BYTES = 64, 200, 2000
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def labels_key(labels: Mapping[str, str]) -> str:
    """Return the canonical text of a label set: equal sets have equal texts."""
    return msgspec.json.encode(labels, order="sorted").decode() if labels else "{}"


def check_labels(labels: Mapping[str, str]) -> list[Issue]:
    """Return what is wrong with the labels of a reading, pointers relative to it."""
    issues = _check_pairs(labels, "labels")
    for name, value in labels.items():
        if value == EVERY:
            issues.append(
                Issue(pointer("labels", name), "reserved", "`*` selects any value; a reading has one.")
            )
    if not issues and len(labels_key(labels).encode()) > _MOST_BYTES:
        issues.append(Issue("/labels", "too_long", f"At most {_MOST_BYTES} bytes together."))
    return issues


def check_selector(selector: Mapping[str, str], name: str = "selector") -> list[Issue]:
    """Return what is wrong with a selector, pointers under `name`."""
    return _check_pairs(selector, name)


def selects(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Say whether the series with these labels is one of those that the selector names."""
    return selector.keys() == labels.keys() and all(
        wanted in (EVERY, labels[name]) for name, wanted in selector.items()
    )


def _check_pairs(pairs: Mapping[str, str], root: str) -> list[Issue]:
    issues: list[Issue] = []
    if len(pairs) > MOST_LABELS:
        issues.append(Issue(f"/{root}", "too_many", f"At most {MOST_LABELS} labels."))
    for name, value in pairs.items():
        if not is_text(name, _MOST_NAME):
            detail = f"A label's name has 1 to {_MOST_NAME} characters, none of them a control character."
            issues.append(Issue(f"/{root}", "label_name", detail))
        elif not is_text(value, _MOST_VALUE):
            detail = f"A label's value has 1 to {_MOST_VALUE} characters, none of them a control character."
            issues.append(Issue(pointer(root, name), "label_value", detail))
    return issues


def is_text(text: object, most: int) -> bool:
    """Say whether this is text of 1 to `most` characters without control characters or lone surrogates."""
    return isinstance(text, str) and 1 <= len(text) <= most and _UNFIT.search(text) is None
