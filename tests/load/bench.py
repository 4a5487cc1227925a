"""`make bench`: the budgets of speed, measured in one run on this machine and printed as one table.

`python -m tests.load.bench --big N` fills files of N conversations (`--big 0` leaves out what needs them). Everything
runs on loopback in processes of its own, is bounded and stops by itself. A missed budget is told, not failed: the exit
code is about whether it could be measured.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tests.load.bots import measure_bot
from tests.load.figures import Figure, row, table
from tests.load.ingest import compare
from tests.load.office import Office, open_office
from tests.load.reads import measure as measure_reads
from tests.load.sockets import measure_sockets
from tests.load.start import measure_start, weigh_chat
from tests.server import Server

ROUNDS = 5
BIG = 20_000


@contextlib.contextmanager
def _stopping(office: Office) -> Iterator[Office]:
    """Whatever happens, the server of this office ends."""
    try:
        yield office
    finally:
        office.server.kill()


async def measure(folder: Path, big: int, rounds: int) -> list[Figure]:
    """Every figure, in the order of the budgets."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        print("ingest ...", flush=True)
        figures = await _ingest(folder, big, rounds, pool)
        print("sockets ...", flush=True)
        with _stopping(await open_office(folder / "sockets")) as office:
            await office.server.start()
            figures += await measure_sockets(office, pool)
    print("bot ...", flush=True)
    with _stopping(await open_office(folder / "bot")) as bots:
        figures += await measure_bot(bots)
    print("start ...", flush=True)
    with _stopping(office):
        figures.append(await measure_start(office))
    return figures + weigh_chat()


async def _ingest(folder: Path, big: int, rounds: int, pool: ProcessPoolExecutor) -> list[Figure]:
    with contextlib.ExitStack() as stack:
        empty = stack.enter_context(_stopping(await open_office(folder / "empty")))
        await empty.server.start()
        full = None
        if big:
            (folder / "big" / "data").mkdir(parents=True)
            Server(folder / "big" / "data").run("demo", "--conversations", str(big), seconds=3600)
            full = stack.enter_context(_stopping(await open_office(folder / "big")))
            await full.server.start()
        return await compare(empty, full, rounds, pool)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.bench", description=main.__doc__)
    parser.add_argument("--big", type=int, default=BIG, metavar="N", help=f"conversations in the big file ({BIG})")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"interleaved rounds of ingest ({ROUNDS})")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="inbox-bench-") as folder:
        figures = asyncio.run(measure(Path(folder), chosen.big, chosen.rounds))
    rows = [row(figure) for figure in figures]
    if chosen.big:
        print("reads ...", flush=True)
        for what, figure, within in asyncio.run(measure_reads(chosen.big)):
            rows.append((what, figure, "", "within" if within else "over budget"))
    print(table(rows))


if __name__ == "__main__":
    main()
