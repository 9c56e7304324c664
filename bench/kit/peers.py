"""What we are measured against: fetched when needed, in one exact version, never a dependency of ours."""

import subprocess
import sys
import venv
from pathlib import Path

_FOLDER = Path("tmp") / "peers"


def bring(requirement: str) -> None:
    """Make `name==version` importable, from a folder of its own that `make clean` removes."""
    folder = bring_folder(requirement)
    sys.path.append(str(folder))


def bring_folder(requirement: str) -> Path:
    """Install `name==version` without touching our own packages; returns the folder it lies in."""
    folder = (_FOLDER / requirement).resolve()
    if not folder.is_dir():
        _pip(sys.executable, requirement, "--target", f"{folder}.part")
        Path(f"{folder}.part").rename(folder)
    return folder


def bring_environment(*requirements: str) -> Path:
    """A virtual environment with these packages alone; returns its bin folder."""
    folder = (_FOLDER / f"environment-{'-'.join(requirements)}").resolve()
    if not folder.is_dir():
        part = Path(f"{folder}.part")
        venv.create(part, with_pip=True, clear=True)
        _pip(str(part / "bin" / "python"), *requirements)
        part.rename(folder)
    return folder / "bin"


def bring_node(*requirements: str) -> Path:
    """Install `name@version` from npm; returns the folder that holds its node_modules."""
    folder = (_FOLDER / "-".join(requirements).replace("/", "-")).resolve()
    if not folder.is_dir():
        part = Path(f"{folder}.part")
        part.mkdir(parents=True, exist_ok=True)
        quietly = ["--no-audit", "--no-fund", "--loglevel=error", "--legacy-peer-deps"]
        command = ["npm", "install", *quietly, "--prefix", str(part), *requirements]
        subprocess.run(command, check=True)
        part.rename(folder)
    return folder


def _pip(python: str, *arguments: str) -> None:
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True)
