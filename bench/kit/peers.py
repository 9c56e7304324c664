"""Packages we are measured against: fetched when a measurement needs them, never a dependency of ours."""

import subprocess
import sys
from pathlib import Path

_FOLDER = Path("tmp") / "peers"


def bring(requirement: str) -> None:
    """Make `name==version` importable, from a folder of its own that `make clean` removes."""
    folder = (_FOLDER / requirement).resolve()
    if not folder.is_dir():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement]
        subprocess.run([*command, "--target", f"{folder}.part"], check=True)
        Path(f"{folder}.part").rename(folder)
    sys.path.append(str(folder))
