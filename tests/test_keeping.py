"""A server that ends says nothing that its operator cannot use."""

import os
import subprocess
import sys
from pathlib import Path

_SERVED_AND_ENDED = """
import django; django.setup()
import duckdb
from playhead.keeping import settled
duckdb.connect().execute("SELECT 1").fetchall()
settled()
"""


def test_what_was_set_aside_from_the_collector_is_let_go_at_the_end(tmp_path: Path) -> None:
    """DuckDB lists whatever of its own is still there when the interpreter ends: two hundred lines after Ctrl-C."""
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "playhead.settings", "PLAYHEAD_DATA": str(tmp_path)}
    ended = subprocess.run([sys.executable, "-c", _SERVED_AND_ENDED], env=env, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout + ended.stderr) == (0, "")
