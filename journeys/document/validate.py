"""The one door into the document: raw JSON in, a Document out, or all that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec
from pydantic import ValidationError

from service.errors import Issue, ValidationProblem
from service.strict_json import loads

from .base import Shape
from .format import upcast
from .issues import issues_of
from .minting import resolve
from .personas import PersonaEntry
from .pointers import pointer
from .rules import check
from .shape import FORMAT, Document
from .wording import VocabularyEntry, check_words

ISSUES_MAX = 1_000
"""So many breaches are told at once; a body of nothing else could hold a hundred thousand."""

_Shape = TypeVar("_Shape", bound=Shape)


class InvalidDocument(ValidationProblem):
    """The document breaks its rules; `issues` has every breach with its JSON Pointer and stable code."""

    code, title = "invalid_document", "The document breaks its rules."

    def under(self, prefix: str) -> InvalidDocument:
        """Return the same refusal as the client sees it who sent only the part at `prefix`.

        Breaches elsewhere in the document point at the whole part and say where they are.
        """
        return InvalidDocument([_seen_from(issue, prefix) for issue in self.issues])


def _seen_from(issue: Issue, prefix: str) -> Issue:
    if issue.pointer == prefix or issue.pointer.startswith(prefix + "/"):
        return Issue(issue.pointer[len(prefix) :], issue.code, issue.detail)
    return Issue("", issue.code, f"At {issue.pointer or '/'} of the document: {issue.detail}")


def parse(raw: bytes | Mapping[str, Any]) -> Document:
    """Return the document. References by key come back as ids where what they name has one.

    Raises InvalidDocument with all breaches (the first 1000); BadRequest where bytes are not strict JSON.
    """
    plain = loads(raw) if isinstance(raw, bytes) else raw
    if not isinstance(plain, Mapping):
        raise InvalidDocument([Issue("", "wrong_type", "Must be an object.")])
    _refuse_characters(plain)
    stated = plain.get("format")
    if isinstance(stated, int) and not isinstance(stated, bool):
        if stated > FORMAT:
            detail = f"This service knows the formats 1 to {FORMAT}."
            raise InvalidDocument([Issue("/format", "unknown_format", detail)])
        plain = upcast(plain, max(stated, 1), to=FORMAT)
    document, issues = _shaped(Document, plain)
    issues += check(plain)
    if issues or document is None:
        raise InvalidDocument(issues[:ISSUES_MAX])
    return resolve(document)


def parse_persona(raw: Mapping[str, Any]) -> PersonaEntry:
    """Return a full persona, as the library keeps it: a name is required. Raises InvalidDocument."""
    _refuse_characters(raw)
    persona, issues = _shaped(PersonaEntry, raw)
    if not issues and persona is not None and not persona.name.strip():
        issues = [Issue("/name", "required", "A persona has a name.")]
    if issues or persona is None:
        raise InvalidDocument(issues)
    return persona


def parse_vocabulary(raw: Mapping[str, Any]) -> VocabularyEntry:
    """Return a vocabulary as a workspace keeps it. Raises InvalidDocument."""
    _refuse_characters(raw)
    vocabulary, issues = _shaped(VocabularyEntry, raw)
    issues += check_words(raw)
    if issues or vocabulary is None:
        raise InvalidDocument(issues)
    return vocabulary


def _shaped(kind: type[_Shape], raw: Mapping[str, Any]) -> tuple[_Shape | None, list[Issue]]:
    try:
        return kind.model_validate(dict(raw)), []
    except ValidationError as error:
        return None, issues_of(error)


def _refuse_characters(raw: Mapping[str, Any]) -> None:
    """Refuse strings with NUL or half a surrogate pair: neither can be stored.

    Strict JSON has none; this is for values that did not come that way. The bytes are asked first.
    """
    try:
        if b"\\u0000" not in msgspec.json.encode(raw):
            return
    except UnicodeEncodeError:
        pass
    issues: list[Issue] = []
    waiting: list[tuple[str, object]] = [("", raw)]
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, Mapping):
            waiting.extend((where + pointer(name), member) for name, member in value.items())
            waiting.extend((where + pointer(name), name) for name in value)
        elif isinstance(value, list | tuple):
            waiting.extend((f"{where}/{index}", member) for index, member in enumerate(value))
        elif isinstance(value, str):
            issues.extend(_unstorable(where, value))
    if issues:  # none where a text spells the escape with a backslash of its own
        raise InvalidDocument(issues[:ISSUES_MAX])


def _unstorable(where: str, text: str) -> Iterator[Issue]:
    if "\0" in text:
        yield Issue(where, "nul_character", "The NUL character cannot be stored.")
    if any("\ud800" <= character <= "\udfff" for character in text):
        yield Issue(where, "lone_surrogate", "Half of a surrogate pair cannot be stored.")
