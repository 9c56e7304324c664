"""What we sign, others can check: Standard Webhooks 1.0, by its own libraries."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from playhead.callbacks.signing import new_secret, signed_headers

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


def test_ten_thousand_mutations_are_refused() -> None:
    dice, secret = random.Random(7), new_secret()
    good = headers(secrets=[secret])
    webhook = Webhook(secret)
    for _ in range(10_000):
        body, made, key = bytearray(BODY), dict(good), webhook
        kind = dice.randrange(4)
        if kind == 0:
            body[dice.randrange(len(body))] ^= 1 << dice.randrange(8)
        elif kind == 1:
            made["webhook-id"] += chr(dice.randrange(33, 127))
        elif kind == 2:
            made["webhook-timestamp"] = str(
                int(made["webhook-timestamp"]) + dice.choice([-1, 1]) * dice.randrange(1, 200)
            )
        else:
            signature = list(made["webhook-signature"])
            place = dice.randrange(3, len(signature) - 2)  # the last character before = holds two bits nobody reads
            signature[place] = dice.choice([c for c in "ABCDabcd0123+/" if c != signature[place]])
            made["webhook-signature"] = "".join(signature)
        with pytest.raises((WebhookVerificationError, UnicodeDecodeError)):  # the latter is the library's own way
            key.verify(bytes(body), made)
