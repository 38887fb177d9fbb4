"""Whom to ask at a tick, how often, and whom to leave alone."""
