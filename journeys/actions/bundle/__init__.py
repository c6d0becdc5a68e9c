"""Sections of a bundle taken in: what stands in this room's tables, checked as if it came by the API."""

from journeys.actions.bundle.takers import map_takers

__all__ = ["map_takers"]
