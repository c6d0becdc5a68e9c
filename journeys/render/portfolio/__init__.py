"""Many maps side by side: one line for each, and how they fare stage by stage, as a page and as a picture."""

from .page import CONTENT_SECURITY_POLICY, render_html
from .picture import render_svg
from .shape import Cell, Figure, Grid, Line, Portfolio

__all__ = [
    "CONTENT_SECURITY_POLICY",
    "Cell",
    "Figure",
    "Grid",
    "Line",
    "Portfolio",
    "render_html",
    "render_svg",
]
