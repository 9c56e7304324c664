"""docs/integrate.md as it stands: every block is run, in its order, in one shell; the last wait for the callback."""

import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from scripts.docs import ROOT
from tests.e2e.server import free_port

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(300),
]

_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_from_nothing_to_a_verified_callback(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "integrate.md").read_text(encoding="utf-8")
    site, other, third = (str(free_port()) for _ in range(3))
    script = "set -e\n" + "\n".join(_BLOCK.findall(text))
    for written, taken in (("8000", site), ("9000", other), ("9100", third)):
        script = script.replace(written, taken)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PLAYHEAD_", "DJANGO_"))}
    environment = kept | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}",
        "TINY_PORT": other,
        "LMS_PORT": third,
    }
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    with (tmp_path / "out.txt").open("w") as out:
        shell = subprocess.Popen(
            ["bash", "-c", script], cwd=tmp_path, env=environment, stdout=out, stderr=out, start_new_session=True
        )
        try:
            status = shell.wait(timeout=240)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGTERM)  # what it started and left running
    told = (tmp_path / "out.txt").read_text()
    assert status == 0, told
    assert '"covered_ms": 5000' in told
    assert '"covered_ms":5000' in told
    assert "'progress': 100" in told
