"""Text inside a diagram: `#NN;` and `#name;` stand for characters that the grammar would take for its own."""

from __future__ import annotations

import re
from html.entities import html5

SPACE = "[ \\t\\n\\r\\f\\v\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff]"
"""White space as JavaScript counts it: Mermaid's grammar runs there."""

# Entities are hidden from the grammar: their # and ; become noncharacters, which no text has.
_HASH, _SEMICOLON = "\ufdd0", "\ufdd1"
_ENTITY = re.compile(r"#(\w{1,32});", re.ASCII)
_HIDDEN = re.compile(f"{_HASH}(\\w{{1,32}}){_SEMICOLON}", re.ASCII)
_BREAK = re.compile(r"<br[ \t]*/?>|</br[ \t]*/?>", re.IGNORECASE)
_OUTER = re.compile(f"^{SPACE}+|{SPACE}+\\Z")
_SPECIAL = re.compile(f"[#;:\r{_HASH}{_SEMICOLON}]|%(?=%)|(?<=%)%|<(?=/?[bB][rR])")
_KEYWORD = re.compile(
    f"(?:title|section){SPACE}|journey\\b|acc(?:title|descr){SPACE}*(?:\\{{|\\Z)", re.IGNORECASE | re.ASCII
)


def hidden(source: str) -> str:
    """Return the source with its entities out of the grammar's sight; every character keeps its place."""
    return _ENTITY.sub(lambda found: f"{_HASH}{found[1]}{_SEMICOLON}", source)


def trimmed(text: str) -> str:
    """Return hidden text without white space around it."""
    return _OUTER.sub("", text)


def shown(text: str) -> str:
    """Return hidden text as people see it: entities as their characters, breaks as new lines."""
    return _HIDDEN.sub(_character, _BREAK.sub("\n", text))


def plain(text: str) -> str:
    """Return hidden text as it was written."""
    return text.replace(_HASH, "#").replace(_SEMICOLON, ";")


def escaped(text: str, *, also: str = "") -> str:
    """Return text that a diagram can hold anywhere; `also`: further characters that mean something there."""
    found = _SPECIAL.sub(lambda special: _entity(special[0]), text)
    for character in also:
        found = found.replace(character, _entity(character))
    found = _OUTER.sub(lambda outer: "".join(map(_entity, outer[0])), found)
    return found.replace("\n", "<br/>")


def escaped_name(text: str) -> str:
    """Return the name of a task: one that begins like a keyword hides its first letter."""
    found = escaped(text)
    return _entity(found[0]) + found[1:] if _KEYWORD.match(found) else found


def escaped_lines(text: str) -> str:
    """Return text of several lines for the block of accDescr, which drops empty lines and indents."""
    lines = escaped(text, also="}").split("<br/>")
    found = lines[0]
    for line in lines[1:]:
        spaces = _OUTER.match(line)
        indent = spaces[0] if spaces else ""
        found += ("\n" if line else "#10;") + "".join(map(_entity, indent)) + line[len(indent) :]
    return found


def _entity(character: str) -> str:
    return f"#{ord(character)};"


def _character(found: re.Match[str]) -> str:
    name = found[1]
    if name.isdecimal():
        number = int(name)
        if 0 < number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF:
            return chr(number)
        return f"#{name};"
    return html5.get(f"{name};", f"#{name};")
