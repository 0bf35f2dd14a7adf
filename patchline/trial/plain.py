"""Messages without what does not matter, to find the same sentence written twice."""

from patchline.safety.text import plain

__all__ = ["plain"]
