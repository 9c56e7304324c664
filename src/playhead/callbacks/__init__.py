"""Signed messages to other systems: what the recorder put into the outbox, delivered."""
