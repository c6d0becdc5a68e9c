"""The story of a map told stage by stage, for people.

phrases     parts of it in Markdown
story       the whole, and what it leaves out
"""

from .story import write_narrative

__all__ = ["write_narrative"]
