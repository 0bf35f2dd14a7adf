"""What patients ask and what becomes of it, in figures without a word of a patient: `ROUTES`."""

from patchline.desk.insights.pages import ROUTES

__all__ = ["ROUTES"]
