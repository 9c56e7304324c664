"""Helpers of those who build Playhead; nothing of it is installed."""
