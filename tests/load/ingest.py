"""Durable ingest through the whole product against a bare echo, in interleaved rounds of one run."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from statistics import median

import aiohttp

from tests.load.figures import INGEST, INGEST_BIG, Figure
from tests.load.office import Office
from tests.load.wire import request_bytes, send_apart
from tests.server import ROOT, free_port

# Of a client's messages the first makes contact, conversation, turn and source, and is given to somebody if it can be.
MESSAGES_PER_CLIENT = 4
PER_ROUND = 2000
_TEXT = "Здравствуйте! Подскажите, есть ли в наличии стол «Орлан» и сколько стоит доставка?"
_numbers = count(1)


def messages(office: Office, how_many: int, per_client: int = MESSAGES_PER_CLIENT) -> list[bytes]:
    """Signed requests of new clients who write `per_client` messages each, the clients taking turns."""
    made = []
    signed = office.signed
    clients = [next(_numbers) for _ in range(-(-how_many // per_client))]
    for number in range(how_many):
        client, nth = clients[number % len(clients)], number // len(clients)
        source = {"utm_source": "yandex", "utm_medium": "cpc", "utm_campaign": f"stol-{client % 20}", "yclid": "1"}
        parts = {} if nth else {"source": source}
        headers, body = signed.request(f"client-{client}", f"m-{client}-{nth}", f"{_TEXT} {nth}", **parts)
        made.append(request_bytes(signed.url, headers, body))
    return made


@contextlib.asynccontextmanager
async def bare_echo() -> AsyncIterator[int]:
    """The echo in a process of its own; gives its port."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.load.echo", str(port)], cwd=ROOT)
    try:
        async with aiohttp.ClientSession() as session:
            async with asyncio.timeout(20):
                while True:
                    with contextlib.suppress(aiohttp.ClientError):
                        async with session.post(f"http://127.0.0.1:{port}/echo", json={}):
                            break
                    await asyncio.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


async def compare(office: Office, full: Office | None, rounds: int, pool: ProcessPoolExecutor) -> list[Figure]:
    """The ratios of ingest; both servers must run. `full` is an office with many conversations in its file."""
    rates: dict[str, list[float]] = {"echo": [], "empty": [], "full": []}
    async with bare_echo() as port:
        body = messages(office, 1)[0].partition(b"\r\n\r\n")[2]
        plain = request_bytes(f"http://127.0.0.1:{port}/echo", {"Content-Type": "application/json"}, body)
        for number in range(rounds + 1):
            measured = {"echo": await send_apart(pool, port, [plain] * PER_ROUND)}
            for name, place in (("empty", office), ("full", full)):
                if place is not None:
                    place.staff_are_here()
                    measured[name] = await send_apart(pool, place.server.port, messages(place, PER_ROUND))
            # The first round warms caches and compiled statements.
            for name, rate in measured.items() if number else ():
                rates[name].append(rate)
    ratio = median(ours / echo for ours, echo in zip(rates["empty"], rates["echo"], strict=True))
    note = f"{median(rates['empty']):.0f}/s against {median(rates['echo']):.0f}/s"
    figures = [Figure(INGEST, ratio, note)]
    if full is not None:
        ratio = median(big / small for big, small in zip(rates["full"], rates["empty"], strict=True))
        figures.append(Figure(INGEST_BIG, ratio, f"{median(rates['full']):.0f}/s"))
    return figures
