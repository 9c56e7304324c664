"""Sinks: other stores that get every row of the lake once it is sealed, each exactly once.

A sink knows how far it got; what is after that it gets again from the archive, in the order of the journal. Every row
has a key (`KEYS`), so that what was put before a crash is known again afterwards.
"""
