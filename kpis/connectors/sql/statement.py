"""One SELECT, made into what is sent: bounded in rows, with the window as bound parameters. Pure.

The query becomes a derived table, so by the grammar of both databases it can be nothing but a query: no COPY,
no INTO OUTFILE, no data-modifying WITH, no second statement. `:start` and `:end` outside of quotes and
comments are the window.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"'(?:[^'\\]|''|\\.)*'"
    r'|"(?:[^"]|"")*"'
    r"|`[^`]*`"
    r"|--[^\n]*"
    r"|/\*.*?\*/"
    r"|(?<![:\w]):(?P<name>start|end)\b"
    r"|%",
    re.DOTALL,
)


def bounded(query: str) -> str:
    """Return the statement with %(start)s, %(end)s and %(most)s as its parameters."""
    text = query.rstrip().rstrip(";")

    def written(match: re.Match[str]) -> str:
        return f"%({match['name']})s" if match["name"] else match[0].replace("%", "%%")

    return f"SELECT * FROM (\n{_TOKEN.sub(written, text)}\n) AS pulled LIMIT %(most)s"  # noqa: S608  (the query is the source's own)
