"""A real `inbox serve` in a process of its own on loopback, for tests that kill it and for the benchmarks."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import os
import secrets
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import orjson

ROOT = Path(__file__).parent.parent
START_SECONDS = 60.0


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """The product over one data folder; it can be killed and started again."""

    data_dir: Path
    port: int = field(default_factory=free_port)
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def settings(self) -> dict[str, str]:
        """The environment of its processes."""
        own = {
            "INBOX_DATA_DIR": str(self.data_dir),
            "INBOX_PORT": str(self.port),
            "INBOX_ALLOW_PRIVATE_NETWORK": "true",
            "INBOX_LOG_LEVEL": "warning",
        }
        return {**os.environ, **own, **self.environment}

    def run(self, *arguments: str, seconds: float = 120) -> str:
        """Run an `inbox` command over the same data; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "inbox", *arguments],
            cwd=ROOT,
            env=self.settings(),
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    async def start(self) -> None:
        """Start and wait until it is ready."""
        self.launch()
        await self._become_ready()

    def launch(self) -> None:
        """Start the process and return at once."""
        log = (self.data_dir.parent / "server.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "inbox", "serve"], cwd=ROOT, env=self.settings(), stdout=log, stderr=log
        )
        log.close()

    async def _become_ready(self) -> None:
        async with aiohttp.ClientSession() as session:
            deadline = asyncio.get_running_loop().time() + START_SECONDS
            while asyncio.get_running_loop().time() < deadline:
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with session.get(f"{self.url}/ready") as answer:
                        if answer.status == 200:
                            return
                assert self.process is not None
                assert self.process.poll() is None, (self.data_dir.parent / "server.log").read_text()
                await asyncio.sleep(0.05)
        raise AssertionError("the server did not become ready")

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self) -> int:
        """Ask it to stop and wait; returns the exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=30)
        self.process = None
        return code


@dataclass(frozen=True)
class SignedChannel:
    """A channel of kind `api` as the customer's own system sees it: a URL and a shared secret."""

    url: str
    secret: str

    def request(self, client: str, message_id: str, text: str, **parts: Any) -> tuple[dict[str, str], bytes]:
        """Headers and body of one signed message (Standard Webhooks)."""
        message = {"external_id": message_id, "text": text}
        body = orjson.dumps({"contact": {"external_id": client, "name": client}, "message": message, **parts})
        return self.sign(message_id, body), body

    def sign(self, event_id: str, body: bytes, at: datetime | None = None) -> dict[str, str]:
        """The three headers of Standard Webhooks."""
        timestamp = str(int((at or datetime.now(UTC)).timestamp()))
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        digest = hmac.new(key, f"{event_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
        return {
            "webhook-id": event_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
            "Content-Type": "application/json",
        }


def new_secret() -> str:
    """A secret in the form of Standard Webhooks."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def add_signed_channel(server: Server, name: str = "CRM") -> SignedChannel:
    """Connect a channel of kind `api` by the command line, as a script would."""
    secret = new_secret()
    printed = server.run("channel", "add", "api", "--name", name, "--set", f"secret={secret}")
    url = next(word for word in printed.split() if "/hooks/" in word)
    path = url[url.index("/hooks/") :]
    return SignedChannel(server.url + path, secret)
