"""One piece of advice about a map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from journeys.document.elements import Element, Stage

Severity = Literal["warning", "hint"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A member of a persona that reads otherwise in the library than in the map; None where absent."""

    field: str
    here: Any
    library: Any


@dataclass(frozen=True, slots=True)
class Remark:
    """What is weak, where, and what to do about it.

    severity: warning (the map misleads or says nothing there) or hint (it could say more). pointer: RFC 6901,
    into the document. element: the stage or touchpoint, None for the map; kind tells which.
    """

    code: str
    severity: Severity
    detail: str
    pointer: str = ""
    element: UUID | None = None
    kind: Literal["stage", "touchpoint"] | None = None
    name: str = ""
    differences: tuple[Difference, ...] = ()


def about(element: Element, pointer: str, code: str, severity: Severity, detail: str) -> Remark:
    """Return a remark about a stage or touchpoint."""
    kind: Literal["stage", "touchpoint"] = "stage" if isinstance(element, Stage) else "touchpoint"
    return Remark(code, severity, detail, pointer, element.id, kind, element.name)
