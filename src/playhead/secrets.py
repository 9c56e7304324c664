"""The deployment's own secrets: one file in the data folder, readable by its owner only.

They are made at first use, so that a fresh folder works at once and no two deployments share a key.
"""

import json
import os
import secrets
from pathlib import Path


class Secrets:
    """The site's key and the ticket keys `[(kid, secret)]`, newest first; read, or made, when first asked for."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "secrets.json"
        self._kept: dict[str, object] | None = None

    @property
    def site_key(self) -> str:
        return str(self._read()["site_key"])

    @property
    def ticket_keys(self) -> list[tuple[str, bytes]]:
        listed = self._read()["ticket_keys"]
        assert isinstance(listed, list)
        return [(str(key["kid"]), bytes.fromhex(key["secret"])) for key in listed]

    def _read(self) -> dict[str, object]:
        if self._kept is None:
            try:
                self._kept = json.loads(self.path.read_text())
            except FileNotFoundError:
                self._kept = self._make()
        assert self._kept is not None
        return self._kept

    def _make(self) -> dict[str, object]:
        """Write new secrets; when another process was faster, take its."""
        made: dict[str, object] = {
            "site_key": secrets.token_urlsafe(48),
            "ticket_keys": [{"kid": secrets.token_hex(4), "secret": secrets.token_hex(32)}],
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_name(f"secrets.{os.getpid()}.tmp")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(made, indent=1))
        try:
            os.link(draft, self.path)
        except FileExistsError:
            return dict(json.loads(self.path.read_text()))
        finally:
            draft.unlink()
        return made
