"""Releases: numbered, sealed states of all that staff may edit, and which of them patients are answered with."""
