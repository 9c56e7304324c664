"""Viewers by the thousand, over sockets: `python -m bench.load --help`."""
