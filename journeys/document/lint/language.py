"""Whose words a map is told in, and whether they can be read at a glance.

A journey map speaks the actor's language; a process map speaks the organisation's. The words below are the
organisation's in any trade; what a trade says beyond them cannot be told from outside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from journeys.document.elements import Stage, Touchpoint
from journeys.document.pointers import pointer
from journeys.document.shape import Document

from .remark import Remark, about

STAGE_NAME_READABLE, TOUCHPOINT_NAME_READABLE, ENTRY_READABLE = 32, 48, 160

_JARGON = re.compile(
    r"\b("
    r"process(?:ing|es|ed)?|workflows?|sub-?process|procedures?|pipelines?|funnels?|provision(?:ing|ed)|"
    r"fulfil?l?ment|back[- ]?office|case (?:management|handling|creation)|ticket (?:creation|routing|triage)|"
    r"triage|escalat(?:e|es|ed|ion)|hand-?(?:over|off)s?|approvals? (?:step|chain|matrix)|sign-?off|"
    r"data (?:entry|capture|validation)|validat(?:e|es|ion)|reconcil(?:e|iation)|batch(?:es| run)?|"
    r"lead (?:scoring|qualification|routing|gen(?:eration)?)|mqls?|sqls?|crm|erp|slas?|okrs?|kpis?|"
    r"stakeholders?|resource allocation|case workers?|caseload|user (?:acquisition|activation)|"
    r"upsell(?:ing)?|"
    r"cross-?sell(?:ing)?|churn|conversion|touchpoint|deflection|compliance check|kyc|due diligence"
    r")\b",
    re.IGNORECASE,
)


def of_names(document: Document) -> Iterator[Remark]:
    """Yield names that are told in the organisation's words, or are too long or too loud to read.

    Jargon is looked for in English maps, and not behind the scenes, where the organisation is the actor.
    """
    english = document.language == "" or document.language.lower().startswith("en")
    for s, stage in enumerate(document.stages):
        where = pointer("stages", s)
        if english and (found := _JARGON.search(stage.name)):
            yield about(stage, f"{where}/name", "process_jargon", "hint", _words(found[0]))
        yield from _length(stage.name, STAGE_NAME_READABLE, stage, f"{where}/name")
        for t, touchpoint in enumerate(stage.touchpoints):
            yield from _of_touchpoint(touchpoint, f"{where}{pointer('touchpoints', t)}", english)


def _of_touchpoint(touchpoint: Touchpoint, where: str, english: bool) -> Iterator[Remark]:
    if english and touchpoint.visibility == "front" and (found := _JARGON.search(touchpoint.name)):
        yield about(touchpoint, f"{where}/name", "process_jargon", "hint", _words(found[0]))
    yield from _length(touchpoint.name, TOUCHPOINT_NAME_READABLE, touchpoint, f"{where}/name")
    for path, entries in touchpoint.lanes():
        for place, entry in enumerate(entries):
            text = getattr(entry, "text", "")
            if len(text) > ENTRY_READABLE:
                detail = f"{len(text)} characters are too many for a note: say it in {ENTRY_READABLE}."
                yield about(
                    touchpoint, f"{where}{pointer(*path, place)}/text", "text_too_long", "hint", detail
                )


def _length(name: str, most: int, element: Touchpoint | Stage, where: str) -> Iterator[Remark]:
    if len(name) > most:
        detail = f"{len(name)} characters do not fit a heading: say it in {most}."
        yield about(element, where, "label_too_long", "hint", detail)
    letters = [letter for letter in name if letter.isalpha()]
    if len(letters) > 12 and all(letter.isupper() for letter in letters):
        yield about(element, where, "label_in_capitals", "hint", "Capitals are hard to read: write it small.")


def _words(found: str) -> str:
    return f"“{found}” is the organisation's word: name it as the actor would tell a friend."
