"""The two patch languages, on plain JSON values: RFC 7396 (merge patch) and RFC 6902 (JSON Patch)."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import Any

import jsonpatch
import msgspec
from jsonpointer import JsonPointerException

from service.errors import Conflict, Issue, TooLarge, ValidationProblem

from .pointers import pointer

OPS_MAX = 500
BYTES_MAX = 4 * 1024 * 1024
DEPTH_MAX = 64
_GROWTH_MAX = 3 * BYTES_MAX
_OPS = ("add", "remove", "replace", "move", "copy", "test")


class InvalidPatch(ValidationProblem):
    """An operation is malformed or names a place that is not there; pointers are into the patch."""

    code, title = "invalid_patch", "The patch cannot be applied."


class TestFailed(Conflict):
    """A `test` operation found another value: the document is not what the client took it for."""

    code, title = "patch_test_failed", "A test of the patch failed."
    __test__ = False  # the name is the RFC's; it is no test case


def apply_merge_patch(plain: Any, patch: Any) -> Any:
    """Return the value with the patch merged in (RFC 7396): null removes a member, arrays are replaced
    whole. Neither argument is changed."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(plain) if isinstance(plain, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = apply_merge_patch(merged.get(name), value)
    return merged


def apply_json_patch(plain: Any, ops: Any) -> Any:
    """Return the value after all operations (RFC 6902), all or none. Neither argument is changed.

    At most 500 operations; the result is at most 4 MiB and 64 levels deep, and what the operations add
    and copy on the way at most 12 MiB. Raises InvalidPatch, TestFailed, TooLarge.
    """
    _refuse_malformed(ops)
    value = copy.deepcopy(plain)
    grown = 0
    for index, op in enumerate(ops):
        # Twenty copies of the whole into itself would fill the memory: what grows is weighed before it does.
        grown += _weight(_at(value, op["from"], index) if op["op"] == "copy" else op.get("value"))
        if grown > _GROWTH_MAX:
            raise TooLarge(f"With operation {index} the patch adds more than {_GROWTH_MAX} bytes.")
        value = _step(value, op, index)
    if _weight(value) > BYTES_MAX:
        raise TooLarge(f"The result would be larger than {BYTES_MAX} bytes.")
    return value


def _refuse_malformed(ops: Any) -> None:
    if not isinstance(ops, list):
        raise InvalidPatch([Issue("", "wrong_type", "A JSON Patch is an array of operations.")])
    if len(ops) > OPS_MAX:
        raise InvalidPatch([Issue("", "too_many", f"A JSON Patch has at most {OPS_MAX} operations.")])
    issues: list[Issue] = []
    for index, op in enumerate(ops):
        issues += _malformed(op, index)
    if issues:
        raise InvalidPatch(issues)


def _malformed(op: Any, index: int) -> Sequence[Issue]:
    if not isinstance(op, dict):
        return [Issue(pointer(index), "wrong_type", "An operation is an object.")]
    if op.get("op") not in _OPS:
        return [Issue(pointer(index, "op"), "not_allowed", f"Use one of {', '.join(_OPS)}.")]
    needed = {"path": str}
    if op["op"] in ("move", "copy"):
        needed["from"] = str
    issues = []
    for name in needed:
        if not isinstance(op.get(name), str):
            issues.append(Issue(pointer(index, name), "required", "A JSON Pointer is required."))
        elif op[name] and not op[name].startswith("/"):
            issues.append(Issue(pointer(index, name), "invalid_format", "A JSON Pointer begins with '/'."))
    if op["op"] in ("add", "replace", "test") and "value" not in op:
        issues.append(Issue(pointer(index, "value"), "required", "A value is required."))
    return issues


def _at(value: Any, path: str, index: int) -> Any:
    try:
        return jsonpatch.JsonPointer(path).resolve(value)
    except (JsonPointerException, TypeError) as refusal:
        raise InvalidPatch([Issue(pointer(index, "from"), "no_such_place", str(refusal))]) from None


def _step(value: Any, op: dict[str, Any], index: int) -> Any:
    try:
        return jsonpatch.JsonPatch([op]).apply(value, in_place=True)
    except jsonpatch.JsonPatchTestFailed:
        raise TestFailed(
            f"Operation {index} found another value at {op['path'] or '/'}.",
            issues=[Issue(pointer(index), "patch_test_failed", "The value there is another one.")],
        ) from None
    except (jsonpatch.JsonPatchException, JsonPointerException, TypeError) as refusal:
        raise InvalidPatch([Issue(pointer(index), "no_such_place", str(refusal))]) from None


def _weight(value: Any) -> int:
    """Return the bytes of a value as JSON. Refuses one that is too deep to be written."""
    level, deep = [value], 0
    while level := [inner for outer in level for inner in _members(outer)]:
        deep += 1
        if deep > DEPTH_MAX:
            raise InvalidPatch([Issue("", "too_deep", f"The result is more than {DEPTH_MAX} levels deep.")])
    return len(msgspec.json.encode(value))


def _members(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return [member for member in value.values() if isinstance(member, dict | list)]
    if isinstance(value, list):
        return [member for member in value if isinstance(member, dict | list)]
    return ()
