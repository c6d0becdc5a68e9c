"""A workspace taken in from a bundle, with what makes its maps live."""

from kpis.actions.bundle.importing import Imported, import_workspace

__all__ = ["Imported", "import_workspace"]
