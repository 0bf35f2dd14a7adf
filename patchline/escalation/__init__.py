"""Escalations: a warning sign is on record exactly once, whatever fails on the way. Knows safety and the database."""
