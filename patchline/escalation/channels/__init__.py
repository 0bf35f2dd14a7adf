"""Channels: how a message reaches somebody at the clinic. One module for each kind; `channel` is the port."""
