"""What we sign, others can check: Standard Webhooks 1.0, by its own libraries."""

import base64
import json
import random
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from playhead.callbacks.signing import new_secret, signed_headers
from scripts.docs import ROOT

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = '{"type":"progress.updated","data":{"title":"Été ✓"}}'.encode()


def headers(body: bytes = BODY, *, secrets: list[str], at: datetime | None = None, id: str = "msg_1") -> dict[str, str]:
    at_s = int((at or datetime.now(UTC)).timestamp())
    return dict(signed_headers(body, message_id=id, at_s=at_s, signing_secrets=secrets))


def test_the_specification_s_own_example() -> None:
    made = signed_headers(
        b'{"test": 2432232314}', message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", at_s=1614265330, signing_secrets=[SECRET]
    )
    assert dict(made)["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_library_takes_what_we_sign() -> None:
    secret = new_secret()
    assert Webhook(secret).verify(BODY, headers(secrets=[secret]))


def test_while_one_secret_replaces_another_either_verifies_and_no_third() -> None:
    old, new = new_secret(), new_secret()
    made = headers(secrets=[new, old])
    for secret in (old, new):
        assert Webhook(secret).verify(BODY, made)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(BODY, made)


@pytest.mark.parametrize("minutes", [-6, 6])
def test_an_attempt_of_another_time_is_refused(minutes: int) -> None:
    secret = new_secret()
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY, headers(secrets=[secret], at=datetime.now(UTC) + timedelta(minutes=minutes)))


def mutations(count: int, *, secret: str) -> Iterator[tuple[dict[str, str], bytes]]:
    """What is almost right: a bit of the body, the id, the time or a letter of the signature is another."""
    dice, good = random.Random(7), headers(secrets=[secret])
    for _ in range(count):
        body, made, kind = bytearray(BODY), dict(good), dice.randrange(4)
        if kind == 0:
            body[dice.randrange(len(body))] ^= 1 << dice.randrange(8)
        elif kind == 1:
            made["webhook-id"] += chr(dice.randrange(33, 127))
        elif kind == 2:
            moved = dice.choice([-1, 1]) * dice.randrange(1, 200)
            made["webhook-timestamp"] = str(int(made["webhook-timestamp"]) + moved)
        else:
            signature = list(made["webhook-signature"])
            place = dice.randrange(3, len(signature) - 2)  # the last character before = holds two bits nobody reads
            signature[place] = dice.choice([c for c in "ABCDabcd0123+/" if c != signature[place]])
            made["webhook-signature"] = "".join(signature)
        yield made, bytes(body)


def test_ten_thousand_mutations_are_refused() -> None:
    secret = new_secret()
    webhook = Webhook(secret)
    for made, body in mutations(10_000, secret=secret):
        with pytest.raises((WebhookVerificationError, UnicodeDecodeError)):  # the latter is the library's own way
            webhook.verify(body, made)


def taken_by_javascript(asked: Iterable[tuple[str, dict[str, str], bytes]]) -> list[bool]:
    """What the other library says of each secret, headers and body."""
    lines = [
        json.dumps({"secret": secret, "headers": made, "body": base64.b64encode(body).decode()})
        for secret, made, body in asked
    ]
    node = Path(sys.executable).with_name("node")
    said = subprocess.run(
        [node, "test/webhooks.ts"],
        cwd=ROOT / "tracker",
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
    )
    return [{"true": True, "false": False}[line] for line in said.stdout.splitlines()]


def test_the_javascript_library_takes_what_we_sign_and_refuses_ten_thousand_mutations() -> None:
    old, new, third = new_secret(), new_secret(), new_secret()
    during = headers(secrets=[new, old])
    stale = headers(secrets=[new], at=datetime.now(UTC) - timedelta(minutes=6))
    asked = [(new, during, BODY), (old, during, BODY), (third, during, BODY), (new, stale, BODY)]
    asked += [(new, made, body) for made, body in mutations(10_000, secret=new)]
    said = taken_by_javascript(asked)
    assert said[:4] == [True, True, False, False]
    assert said[4:] == [False] * 10_000
