"""Playhead tells which seconds of a video each student really watched, and proves it."""

__version__ = "0.1.0"
