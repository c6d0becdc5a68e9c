"""Parameters of presets: {name} stands for what is given at the installation. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

PARAMETER = r"^[A-Za-z0-9_-]{1,100}\Z"


def filled(part: Any, given: Mapping[str, str]) -> Any:
    """Return JSON with what is given in the place of {name}; what is not given stands as it is."""
    if isinstance(part, str):
        return re.sub(r"\{(\w+)\}", lambda match: given.get(match[1], match[0]), part)
    if isinstance(part, Mapping):
        return {name: filled(one, given) for name, one in part.items()}
    return [filled(one, given) for one in part] if isinstance(part, (list, tuple)) else part
