"""Ten thousand guesses at one password, from a hundred networks: at most a hundred are looked at, and the right one
among the later ones opens nothing.

GUESSES sets how many. The passwords are hashed the quick way: what is counted is how many hashes are made at all.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.kit.processes import environment
from bench.kit.rows import Row
from bench.load import seeding
from tests.faults.kit.place import caught, number, zero

GUESSES = number("GUESSES", 10_000)
_NETWORKS = 100
# By one account, whatever the network: see `lms/throttle.py`.
_BUDGET = 100
_RIGHT = "correct horse 1"


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="ph-guesses-") as name:
        folder = Path(name)
        seeding.migrate(folder)
        command = [sys.executable, "-m", "tests.faults.guesses"]
        told = subprocess.run(command, env=environment(folder), check=True, capture_output=True, text=True)
    found = json.loads(told.stdout.splitlines()[-1])
    return [
        Row("guesses", GUESSES, "guesses", peer=f"from {_NETWORKS} networks"),
        Row("looked at", found["looked"], "guesses", f"<= {_BUDGET}", found["looked"] <= _BUDGET),
        zero("right guesses let in after that", found["let_in"], "guesses"),
        caught("one budget only", found["planted"]),
    ]


# --- in a process of its own, with the site's settings on this folder


def _guess() -> dict[str, int]:
    from django.conf import settings
    from django.contrib.auth import authenticate
    from django.contrib.auth.hashers import make_password
    from django.test import RequestFactory

    from playhead.lms import throttle
    from playhead.lms.backends import NameOrEmailBackend
    from playhead.lms.models import User

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    User.objects.create(username="bob", password=make_password(_RIGHT))
    looked, checks = [0], NameOrEmailBackend.authenticate

    def look(*args: object, **guess: object) -> object:
        looked[0] += 1
        return checks(*args, **guess)  # type: ignore[arg-type]  # handed on as it came

    NameOrEmailBackend.authenticate = look  # type: ignore[method-assign,assignment]

    def tell(guesses: int) -> tuple[int, int]:
        """How many of them were looked at, and how many were let in; the last tenth is the right password."""
        looked[0], let_in = 0, 0
        for at in range(guesses):
            password = _RIGHT if at >= guesses * 9 // 10 else f"guess {at}"
            request = RequestFactory().post("/login/", {"username": "bob"}, REMOTE_ADDR=f"198.51.{at % _NETWORKS}.7")
            let_in += authenticate(request, username="bob", password=password) is not None
        return looked[0], let_in

    seen, let_in = tell(GUESSES)
    throttle._SHARES = (1, 10**9, 10**9)
    planted, _let_in = tell(GUESSES // 10)
    return {"looked": seen, "let_in": let_in, "planted": planted}


if __name__ == "__main__":
    import django

    django.setup()
    sys.stdout.write(json.dumps(_guess()) + "\n")
