"""What Mermaid takes off a text before its grammar sees it, with every character's line kept.

Front matter, `%%{directives}%%` and lines of comment go; a title in the front matter is kept for a diagram
that has none. Everything here is one pass, whatever the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

_FENCE = re.compile(r"([^\S\n]*)---[^\S\n]*\n")
_TITLE = re.compile(r"^title[ \t]*:[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_COMMENT = re.compile(r"(?:^|(?<=\n))[^\S\n]*%%(?!\{)[^\n]+\n?")
_DIRECTIVE = re.compile(r"%%\{\s*\w")
_DIRECTIVE_END = "}%%"


@dataclass(frozen=True, slots=True)
class Source:
    """The text that the grammar reads, and how to find its characters again in what was sent."""

    text: str
    title: str
    _kept: tuple[tuple[int, int], ...]
    _lines: tuple[int, ...]

    def line(self, offset: int) -> int:
        """Return the line (from 1) of a character of `text`."""
        index = bisect_right(self._kept, (offset, 1 << 62)) - 1
        begin, original = self._kept[max(index, 0)] if self._kept else (0, 0)
        return bisect_right(self._lines, original + offset - begin)


def source_of(raw: str) -> Source:
    """Return the source of a diagram."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    start, title = _front_matter(text)
    gone = _outside(_directives(text, start), [found.span() for found in _COMMENT.finditer(text, start)])
    kept: list[tuple[int, int]] = []
    pieces: list[str] = []
    length, at = 0, start
    for begin, end in [*gone, (len(text), len(text))]:
        if begin > at:
            kept.append((length, at))
            pieces.append(text[at:begin])
            length += begin - at
        at = max(at, end)
    lines = [0, *(found.end() for found in re.finditer("\n", text))]
    return Source("".join(pieces), title, tuple(kept), tuple(lines))


def _front_matter(text: str) -> tuple[int, str]:
    """Return (where the rest begins, the title in it)."""
    fence = _FENCE.match(text)
    if fence is None:
        return 0, ""
    closing = re.compile(f"\n{re.escape(fence[1])}---[^\\S\n]*(?:\n|\\Z)").search(text, fence.end() - 1)
    if closing is None:
        return 0, ""
    found = _TITLE.search(text[fence.end() : closing.start() + 1])
    return closing.end(), _scalar(found[1]) if found else ""


def _scalar(text: str) -> str:
    """Return a YAML scalar of one line: plain, or in quotes."""
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if len(text) > 1 and text[0] == text[-1] == '"':
        return re.sub(r'\\(["\\/])', r"\1", text[1:-1])
    return text.partition(" #")[0].rstrip()


def _directives(text: str, start: int) -> list[tuple[int, int]]:
    """Return where directives stand; one that is never closed takes all that follows, as in Mermaid."""
    found = []
    at = start
    while directive := _DIRECTIVE.search(text, at):
        end = text.find(_DIRECTIVE_END, directive.end())
        at = end + len(_DIRECTIVE_END) if end >= 0 else len(text)
        found.append((directive.start(), at))
    return found


def _outside(directives: list[tuple[int, int]], comments: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return both in their order; what begins inside another is passed over by the caller."""
    return sorted(directives + comments)
