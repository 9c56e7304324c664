"""Certificates: what a student has completed, on paper, and a link under which anybody can check it."""
