"""Patchline: answers patients from the clinic's own document and hands every warning sign to the clinic line."""
