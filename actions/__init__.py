"""Rasa custom actions, one noun a module."""
