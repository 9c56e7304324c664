"""The door while four people load pages: in one process with site and recorder, with the recorder beside it, as it is
unless told otherwise, and with `playhead collect` apart from the site.

64 connections, closed loop, one section and ten events a batch, as in `ingest`; the three take turns, ROUNDS times (7
unless set) for SECONDS (1.5), without anybody at the site and with four. At the end each ledger is compared with what
its viewers know to be acknowledged.
"""

import contextlib
import statistics
import tempfile
from pathlib import Path

from bench.ingest import CONNECTIONS, ROUNDS, VIEWERS, Turns, busy_site, take_turns
from bench.kit.rows import Row
from bench.load.truth import compare, database_of, settle
from bench.load.viewers import Viewer
from bench.peers import contestants


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="ph-busy-") as name, contextlib.ExitStack() as stack:
        one, two, three = (Path(name) / folder for folder in ("one", "two", "three"))
        together = contestants.ours(one, "one process", viewers=VIEWERS, recorder="here")
        beside = contestants.ours(two, "recorder beside", viewers=VIEWERS)
        apart, site = contestants.apart(three, "collect apart", viewers=VIEWERS)
        for server in (together.server, beside.server, apart.server, site):
            stack.enter_context(server)
        rows: list[Row] = []
        pages = {together.name: together.server, beside.name: beside.server, apart.name: site}
        for said, busy in (("site idle", False), ("four people loading pages", True)):
            all_turns = [Turns(together), Turns(beside), Turns(apart)]
            for _ in range(ROUNDS):
                for turns in all_turns:
                    # At this one's own site only: the other's rounds must not pay for them.
                    people = busy_site(pages[turns.contestant.name].port) if busy else contextlib.nullcontext()
                    with people:
                        take_turns([turns], rounds=1, connections=CONNECTIONS)
            rows += [_row(turns, said) for turns in all_turns]
        for contestant, folder in ((together, one), (beside, two), (apart, three)):
            viewers = [client for client in contestant.clients if isinstance(client, Viewer)]
            waiting = settle(contestant.server.port, viewers)
            contestant.server.stop()
            truth = compare(database_of(folder), viewers)
            holds = truth.holds and not waiting
            said = f"ledger is what was acknowledged, {contestant.name}"
            rows.append(Row(said, truth.acknowledged, "batches", "all", holds, str(truth)))
    return rows


def _row(turns: Turns, said: str) -> Row:
    rate = statistics.median(turns.rates)
    latency = f"p50 {turns.middle_ms(50):.1f} ms, p99 {turns.middle_ms(99):.1f} ms"
    return Row(f"{turns.contestant.name}, {said}", round(rate), "/s", peer=latency)
