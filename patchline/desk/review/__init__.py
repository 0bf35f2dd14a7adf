"""The desk's pages of the review inbox, for editors: `ROUTES`."""

from patchline.desk.review.pages import ROUTES

__all__ = ["ROUTES"]
