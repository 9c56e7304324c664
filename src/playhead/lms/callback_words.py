"""What came of an attempt at a callback, in words: how far it came, what was the matter, and who can mend it."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from playhead.callbacks import sending


@dataclass(frozen=True, slots=True)
class Outcome:
    """`broke_at` names the step of `STEPS` that failed; empty where none did."""

    title: Promise
    remedy: Promise | str = ""
    broke_at: str = ""


# The way of a message, in its order.
STEPS: Final[dict[str, Promise]] = {
    "address": _("The address may be called"),
    "name": _("The name leads to a machine"),
    "way": _("The machine can be reached"),
    "certificate": _("Its certificate is good"),
    "answer": _("It answers in time"),
    "taken": _("It takes the message"),
}
OUTCOMES: Final[dict[str, Outcome]] = {
    sending.OK: Outcome(_("taken")),
    sending.BLOCKED: Outcome(
        _("not called: it lies in a network callbacks do not go to"),
        _("Your own network is allowed by PLAYHEAD_CALLBACK_NETWORKS, other ports by PLAYHEAD_CALLBACK_PORTS."),
        "address",
    ),
    sending.TOO_LARGE: Outcome(
        _("not sent: the message is too large, or gone"), _("Please tell us: no message should be."), "address"
    ),
    sending.NO_NAME: Outcome(
        _("the name was not found"),
        _("Check the spelling, and whether this server’s name service (DNS) knows the name."),
        "name",
    ),
    sending.NO_WAY: Outcome(
        _("no way there"),
        _("Nothing answered at all. That is how a firewall looks: outgoing connections here, or incoming ones there."),
        "way",
    ),
    sending.REFUSED: Outcome(
        _("the connection was refused"),
        _("The machine is there, but nothing listens at that port: the other system is down, or the port is wrong."),
        "way",
    ),
    sending.BAD_TLS: Outcome(
        _("its certificate is not good"),
        _("Expired, self-made, or for another name. The other side has to renew it; it is never ignored."),
        "certificate",
    ),
    sending.TOO_SLOW: Outcome(
        _("it did not answer in time"),
        _("The other system has 15 seconds. It should take a message at once and work on it afterwards."),
        "answer",
    ),
    sending.NO_HTTP: Outcome(
        _("what came back is not HTTP"),
        _("Something else listens there, or something between (a proxy, an antivirus) breaks the connection off."),
        "answer",
    ),
    sending.REDIRECT: Outcome(
        _("it leads elsewhere"),
        _("Callbacks do not follow redirects. Enter the address that it leads to."),
        "taken",
    ),
    sending.GONE: Outcome(
        _("it wants no more messages (410)"), _("Ask its people, then switch the endpoint on again."), "taken"
    ),
    sending.BUSY: Outcome(_("it is too busy"), _("Tried again when it asks for it, or later each time."), "taken"),
    sending.REFUSED_BY_APP: Outcome(
        _("it answered with an error"),
        _("The way there is good; the other system refuses the message itself. Its own log says why."),
        "taken",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    title: Promise
    state: str  # ok, bad, unknown


def outcome(code: str) -> Outcome:
    return OUTCOMES.get(code, Outcome(code))  # type: ignore[arg-type]


def steps(code: str) -> list[Step]:
    """How far an attempt came."""
    broke_at, state, found = outcome(code).broke_at, "ok", []
    for name, title in STEPS.items():
        state = "bad" if name == broke_at else "unknown" if state != "ok" else "ok"
        found.append(Step(title, state))
    return found
