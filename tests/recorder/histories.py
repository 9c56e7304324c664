"""Histories of two viewers over the real collector and recorder: Bob is honest, Mallory is not.

The model knows what Bob truly watched, and checks everything anybody earned with arithmetic of its own (`Span` lists,
no `Sections`). It is the state machine behind the invariants I1 to I7 of the credit rule.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, pairwise
from typing import Any

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from playhead.core import limits
from playhead.core.errors import Forbidden
from tests.world import Answer, Opening, World, section

Span = tuple[int, int]
VIDEOS = {"film": 600_000, "song": 95_000, "unknown": None}
HOUR_MS = 3_600_000


def union(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def total(spans: Iterable[Span]) -> int:
    return sum(end - start for start, end in spans)


def within(number: int) -> int:
    """As near to `number` as the wire lets it be."""
    return max(-limits.INTEGER_MAX, min(number, limits.INTEGER_MAX))


def inside(spans: Iterable[Span], others: Iterable[Span]) -> bool:
    containers = union(others)
    return all(any(low <= start and end <= high for low, high in containers) for start, end in spans)


def unpack(packed: bytes) -> list[Span]:
    numbers = [int.from_bytes(packed[at : at + 8], "little", signed=True) for at in range(0, len(packed), 8)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


@dataclass
class Device:
    """One playback as the model knows it."""

    opening: Opening
    max_rate: int
    evidence: bool
    # The tracker's t = 0 is when it receives the answer: up to 10 s after the server's `opened_at`.
    behind_ms: int = 0
    drift_ppm: int = 0
    delivered: list[Span] = field(default_factory=list)
    closed_at: int | None = None
    pending: list[tuple[dict[str, object], Span]] = field(default_factory=list)
    truth: list[Span] = field(default_factory=list)
    claimed_to: int = 0
    last_received_at: int = 0

    def wall(self, now_ms: int, jitter_ms: int) -> int:
        """The tracker's clock at a true instant: started late, drifting, and read up to 60 ms off."""
        elapsed = now_ms - self.opening.opened_at - self.behind_ms
        read = elapsed + elapsed * self.drift_ppm // 1_000_000 + jitter_ms
        self.claimed_to = max(self.claimed_to, read, 0)
        return self.claimed_to


class Histories(RuleBasedStateMachine):
    """One example is one history. All share a world: viewers are new in each, so no history sees another."""

    world: World
    _histories = count()

    @initialize()
    def begin(self) -> None:
        number = next(self._histories)
        # A ticket's times are whole seconds: where in a second a history begins must not decide how it ends.
        self.world.clock.forward(-self.world.clock.now_ms() % 1000)
        self.bob, self.mallory = f"bob-{number}", f"mallory-{number}"
        self.devices: list[Device] = []
        self.forged: list[Device] = []
        self.stepped_ms = 0  # how far the server's clock lags behind true time
        self.answers: list[tuple[Device, Answer]] = []

    @property
    def true_now(self) -> int:
        return self.world.clock.now_ms() + self.stepped_ms

    # --- time

    @rule(ms=st.integers(1, 30_000) | st.integers(1, HOUR_MS))
    def time_passes(self, ms: int) -> None:
        self.world.clock.forward(ms)

    @rule()
    def half_a_day_passes(self) -> None:
        for device in self.devices:
            self._flush(device)
        self.world.clock.forward(limits.TICKET_LIFETIME_S * 1000)

    @precondition(lambda self: not self.stepped_ms)
    @rule(ms=st.integers(1, limits.CLOCK_TOLERANCE_MS))
    def the_servers_clock_steps_back(self, ms: int) -> None:
        self.stepped_ms = ms
        self.world.clock.forward(-ms)

    # --- Bob

    @precondition(lambda self: len(self.devices) < 3)
    @rule(
        video=st.sampled_from(sorted(VIDEOS)),
        max_rate=st.sampled_from([1000, 2000, 4000]),
        evidence=st.booleans(),
        behind_ms=st.integers(0, 10_000),
        drift_ppm=st.integers(-500, 500),
    )
    def bob_opens(self, video: str, max_rate: int, evidence: bool, behind_ms: int, drift_ppm: int) -> None:
        terms: dict[str, Any] = {"max_rate": max_rate, "delivery_is_evidence": evidence}
        opening = self.world.open(self.bob, video, duration_ms=VIDEOS[video], **terms)
        # `opened_at` is the server's; what the tracker measures starts when it hears of it.
        behind_ms = max(0, behind_ms - self.stepped_ms)
        self.devices.append(Device(opening, max_rate, evidence, behind_ms + self.stepped_ms, drift_ppm))
        self.world.clock.forward(behind_ms)

    @precondition(lambda self: any(device.closed_at is None for device in self.devices))
    @rule(
        which=st.integers(0, 2),
        wall_ms=st.integers(200, 20_000),
        percent=st.integers(0, 100),
        rate=st.sampled_from([250, 1000, 1500, 2000, 4000]),
        jitter=st.tuples(st.integers(-60, 60), st.integers(-60, 60)),
        send=st.booleans(),
    )
    def bob_watches(
        self, which: int, wall_ms: int, percent: int, rate: int, jitter: tuple[int, int], send: bool
    ) -> None:
        device = self._open_device(which)
        duration_ms = VIDEOS[device.opening.video] or 600_000
        rate = min(rate, device.max_rate)
        m0 = (duration_ms - 1) * percent // 100
        media_ms = min(wall_ms * rate // 1000, duration_ms - m0)
        wall_ms = -(-media_ms * 1000 // rate)
        t0 = device.wall(self.true_now, jitter[0])
        self.world.clock.forward(wall_ms)
        t1 = device.wall(self.true_now, jitter[1])
        if t0 >= t1 or not media_ms:
            return
        if device.evidence and not self._fetch(device, m0, m0 + media_ms):
            return  # his player stands still, and says where he plays instead
        device.pending.append((section(t0, t1, m0, m0 + media_ms, rate=rate), (m0, m0 + media_ms)))
        if send:
            self._send_pending(device, len(device.pending) - 1)

    def _fetch(self, device: Device, start: int, end: int) -> bool:
        """Whether the media came: none does for a playback whose viewer plays in another one."""
        try:
            self.world.deliver(device.opening, start, end)
        except Forbidden as refused:
            if refused.code != "playing_elsewhere":
                raise
            return False
        device.delivered.append((start, end))
        return True

    @precondition(lambda self: any(device.pending for device in self.devices))
    @rule(which=st.integers(0, 2), place=st.integers(0, 50))
    def a_kept_batch_arrives(self, which: int, place: int) -> None:
        keeping = [device for device in self.devices if device.pending]
        device = keeping[which % len(keeping)]
        self._send_pending(device, place % len(device.pending))

    @rule(which=st.integers(0, 5), place=st.integers(0, 50))
    def a_batch_arrives_again(self, which: int, place: int) -> None:
        sent = [device for device in self.devices + self.forged if device.opening.sent and device.closed_at is None]
        if sent:
            device = sent[which % len(sent)]
            seq = sorted(device.opening.sent)[place % len(device.opening.sent)]
            answer = self.world.post(device.opening.ticket, device.opening.sent[seq])
            self._expect_answer(device, answer)
            assert answer.status != 200 or answer.body["status"] == "duplicate"

    @precondition(lambda self: any(device.closed_at is None for device in self.devices))
    @rule()
    def bob_logs_out(self) -> None:
        for device in self.devices:
            self._flush(device)  # the tracker does, before the session ends
        self._close(self.bob, self.devices)

    # --- Mallory

    @precondition(lambda self: len(self.forged) < 3)
    @rule(video=st.sampled_from(sorted(VIDEOS)), max_rate=st.sampled_from([1000, 2000]), evidence=st.booleans())
    def mallory_opens(self, video: str, max_rate: int, evidence: bool) -> None:
        terms: dict[str, Any] = {"max_rate": max_rate, "delivery_is_evidence": evidence}
        opening = self.world.open(self.mallory, video, duration_ms=VIDEOS[video], **terms)
        self.forged.append(Device(opening, max_rate, evidence))

    @precondition(lambda self: bool(self.forged))
    @rule(
        which=st.integers(0, 2),
        claims=st.lists(
            st.tuples(
                st.integers(-5_000, 60_000) | st.integers(-(2**53), 2**53),
                st.integers(1, 60_000) | st.integers(-1_000, HOUR_MS),
                st.integers(-1_000, 700_000),
                st.integers(1, 600_000) | st.integers(-1_000, HOUR_MS),
            ),
            min_size=1,
            max_size=5,
        ),
        from_now=st.booleans(),
    )
    def mallory_claims(self, which: int, claims: list[tuple[int, int, int, int]], from_now: bool) -> None:
        device = self.forged[which % len(self.forged)]
        base = self.world.clock.now_ms() - device.opening.opened_at if from_now else 0
        sections = [
            section(t0, within(t0 + wall), m0, m0 + media)
            for early, wall, m0, media in claims
            for t0 in [within(base - early if from_now else early)]
        ]
        self._send(device, *sections)

    @precondition(lambda self: any(device.evidence for device in self.forged))
    @rule(which=st.integers(0, 2), start=st.integers(0, 500_000), length=st.integers(1, 20_000))
    def mallory_fetches(self, which: int, start: int, length: int) -> None:
        devices = [device for device in self.forged if device.evidence and device.closed_at is None]
        if devices:
            device = devices[which % len(devices)]
            self._fetch(device, start, start + length)

    @precondition(lambda self: any(device.closed_at is None for device in self.forged))
    @rule()
    def mallory_is_shut_out(self) -> None:
        self._close(self.mallory, self.forged)

    # --- what must hold

    def _open_device(self, which: int) -> Device:
        devices = [device for device in self.devices if device.closed_at is None]
        return devices[which % len(devices)]

    def _send_pending(self, device: Device, place: int) -> None:
        claim, span = device.pending.pop(place)
        if self._send(device, claim).status == 200:  # else it was kept longer than the ticket lives: lost, and said so
            device.truth.append(span)

    def _send(self, device: Device, *claims: dict[str, object]) -> Answer:
        seq = device.opening.seq
        answer = self.world.send(device.opening, *claims)
        self._expect_answer(device, answer)
        if answer.status != 200:
            # A tracker gives up what was refused. Sent again after the clock stepped back into the ticket's life, it
            # would be stored, and rightly: it would be no duplicate.
            del device.opening.sent[seq]
        return answer

    def _flush(self, device: Device) -> None:
        while device.pending and device.closed_at is None:
            self._send_pending(device, 0)

    def _close(self, viewer: str, devices: list[Device]) -> None:
        self.world.close(viewer)
        for device in devices:
            device.closed_at = device.closed_at or self.world.clock.now_ms()

    def _expect_answer(self, device: Device, answer: Answer) -> None:
        """I5, and that the door only ever says what the contract says."""
        now_ms = self.world.clock.now_ms()
        expired = now_ms // 1000 >= device.opening.opened_at // 1000 + limits.TICKET_LIFETIME_S
        closed = device.closed_at is not None and now_ms >= device.closed_at
        assert answer.status == (401 if expired else 403 if closed else 200), answer
        if answer.status == 200:
            device.last_received_at = max(device.last_received_at, now_ms)
            if device.evidence:  # I3
                assert inside([tuple(pair) for pair in answer.body["credited"]], device.delivered)

    def teardown(self) -> None:
        if not hasattr(self, "devices"):
            return
        for device in self.devices:
            self._flush(device)
        for viewer, devices in ((self.bob, self.devices), (self.mallory, self.forged)):
            if devices:
                self._check_viewer(viewer, devices)
        self._check_bob_has_everything()

    def _check_viewer(self, viewer: str, devices: list[Device]) -> None:
        by_playback = {device.opening.playback: device for device in devices}
        lines = list(self._lines(viewer))
        self._check_clock(lines, by_playback)
        for video, duration_ms in VIDEOS.items():
            mine = [line for line in lines if line.video == video]
            self._check_sums(viewer, video, duration_ms or limits.VIDEO_MS, mine)
        assert self.world.differences(viewer) == []  # I6

    def _check_clock(self, lines: list["_Line"], by_playback: dict[str, Device]) -> None:
        """I1: paid stretches are disjoint, inside the playback, and pay for no more than top speed."""
        paid = sorted(span for line in lines for span in line.paid)
        assert all(before[1] <= after[0] for before, after in pairwise(paid)), paid
        for line in lines:
            device = by_playback[line.playback]
            bounds = (device.opening.opened_at, line.received_at + limits.CLOCK_TOLERANCE_MS)
            assert inside(line.paid, [bounds]), (line, bounds)
            assert total(line.credit) * 10**6 <= total(line.paid) * device.max_rate * limits.DRIFT_RATE, line
        open_spans = [
            (device.opening.opened_at, device.last_received_at + limits.CLOCK_TOLERANCE_MS)
            for device in by_playback.values()
            if device.last_received_at
        ]
        fastest = max((device.max_rate for device in by_playback.values()), default=0)
        credited = sum(total(line.credit) for line in lines)
        assert credited * 10**6 <= total(union(open_spans)) * fastest * limits.DRIFT_RATE

    def _check_sums(self, viewer: str, video: str, duration_ms: int, lines: list["_Line"]) -> None:
        """I2 and I7: coverage is the union of the credits, and the sums are the sums."""
        stored = self.world.rows(
            "SELECT p.coverage, p.covered_ms, p.watched_ms FROM recorder_progress p "
            "JOIN recorder_viewer v ON v.id = p.viewer_id WHERE v.key = ? AND p.video = ?",
            (viewer, video),
        )
        coverage = unpack(bytes(stored[0][0])) if stored else []
        assert coverage == union(span for line in lines for span in line.credit)
        assert inside(coverage, [(0, duration_ms)])
        assert sum(total(line.fresh) for line in lines) == total(coverage)
        if stored:
            assert stored[0][1:] == (total(coverage), sum(total(line.credit) for line in lines))

    def _check_bob_has_everything(self) -> None:
        """I4: an honest viewer gets everything, whatever happened in between."""
        for video in VIDEOS:
            devices = [device for device in self.devices if device.opening.video == video]
            truth = union(span for device in devices for span in device.truth)
            lines = [line for line in self._lines(self.bob) if line.video == video]
            assert union(span for line in lines for span in line.credit) == truth
            assert sum(total(line.credit) for line in lines) == sum(total(device.truth) for device in devices)

    def _lines(self, viewer: str) -> Iterator["_Line"]:
        for row in self.world.rows(
            "SELECT p.key, l.video, l.received_at, l.credit, l.fresh, l.paid FROM recorder_ledgerline l "
            "JOIN recorder_playback p ON p.id = l.playback_id JOIN recorder_viewer v ON v.id = l.viewer_id "
            "WHERE v.key = ? ORDER BY l.journal_id, l.idx",
            (viewer,),
        ):
            yield _Line(*row[:3], *(unpack(bytes(packed)) for packed in row[3:]))


@dataclass(frozen=True)
class _Line:
    playback: str
    video: str
    received_at: int
    credit: list[Span]
    fresh: list[Span]
    paid: list[Span]


@contextmanager
def over(world: World) -> Iterator[type[Histories]]:
    """The machine over this world."""

    class Machine(Histories):
        pass

    Machine.world = world
    yield Machine
