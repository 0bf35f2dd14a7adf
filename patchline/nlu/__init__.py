"""Rasa graph components: adapters around the intent model, the sentence encoder and the safety rules."""
