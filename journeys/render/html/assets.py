"""The page's style sheet and script: constants, so that a policy can name them by their hash.

Hashes rather than nonces by default: with them the page of one state is the same bytes each time, and
a browser that is answered 304 keeps a page whose policy still fits.
"""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from journeys.render.element import Markup
from journeys.render.lanes import ROWS
from journeys.render.palette import DARK, FONTS, LIGHT, css_variables

from .digits import digit_rules

_ROWS = "".join(f".r{row}{{grid-row:{row}}}" for row in range(1, ROWS + 1))


def _read(name: str) -> str:
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    if "</" in text or "<!--" in text:
        raise ValueError(f"{name} would end its own element")
    return text


def _style() -> str:
    light, dark = css_variables(LIGHT), css_variables(DARK)
    return (
        f":root{{color-scheme:light dark;{light};--fonts:{FONTS}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}"
        f"@media screen{{:root[data-theme=dark]{{color-scheme:dark;{dark}}}}}"
        ":root[data-theme=light]{color-scheme:light}"
        f"{_ROWS}{digit_rules()}{_read('page.css')}"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


STYLE = Markup(_style())
SCRIPT = Markup(_read("page.js"))

CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src {_hash(STYLE)}; script-src {_hash(SCRIPT)}; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)
"""What to send with a page rendered without a nonce; the view adds frame-ancestors."""
