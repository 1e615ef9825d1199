"""A whole mirror as users run it: ``python -m modmirror serve`` with a TOML file, in its own process."""

from __future__ import annotations

import json
import os
import re
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

START_LIMIT = 30.0
"""Seconds until it must be ready. Generous: the machine may be busy with other tests."""
STOP_LIMIT = 75.0
_POLL = 0.01
_ANNOUNCED = re.compile(r"listening on (\S+),")

Table = dict[str, Any]
Tables = dict[str, Table | list[Table]]
"""The content of a TOML file: tables, and lists of tables."""


class MirrorProcess:
    """A running mirror. As a context manager it starts, and stops without asking how it went."""

    def __init__(
        self,
        directory: Path,
        config: Tables,
        *,
        environ: Mapping[str, str] | None = None,
        ca_file: Path | None = None,
        wrapper: Sequence[str] = (),
    ) -> None:
        """Prepare a mirror below ``directory``.

        Args:
            directory: gets the configuration, the store and the logs.
            config: tables of the TOML file; the port and the store are filled in.
            environ: further variables of the process; nothing but PATH is inherited.
            ca_file: certificate authority of the mirror's own certificate, when it serves https.
            wrapper: words before the command, such as ``taskset -c 0,1``.
        """
        self.directory = directory
        self.store = directory / "store"
        self.url = ""
        self._config = dict(config)
        self._environ = {"PATH": os.environ.get("PATH", ""), "HOME": str(directory)} | dict(environ or {})
        self._context = ssl.create_default_context(cafile=ca_file) if ca_file else None
        self._wrapper = tuple(wrapper)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self.kill()

    @property
    def pid(self) -> int:
        """Process id of the running mirror."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """What it has said on standard error."""
        return (self.directory / "stderr").read_text()

    @property
    def access(self) -> list[dict[str, Any]]:
        """The access log so far; the last second may be missing while it runs."""
        lines = (self.directory / "stdout").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def start(self) -> None:
        """Start and wait until ``/readyz`` says yes."""
        self.listen()
        self._wait_for("readiness", self._ready)

    def listen(self) -> None:
        """Start and wait until it listens, ready or not."""
        self.launch()
        self.url = self._wait_for("an address", self._announced)

    def launch(self) -> None:
        """Start without waiting."""
        self.directory.mkdir(parents=True, exist_ok=True)
        file = self.directory / "modmirror.toml"
        file.write_text(to_toml(self._complete()))
        command = [*self._wrapper, sys.executable, "-m", "modmirror", "serve", "--config", str(file)]
        with (self.directory / "stdout").open("wb") as out, (self.directory / "stderr").open("wb") as err:
            self._process = subprocess.Popen(command, stdout=out, stderr=err, env=self._environ)

    def stop(self) -> int:
        """Ask it to end, wait, and return the exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal, and do not wait."""
        assert self._process is not None, "not started"
        self._process.send_signal(number)

    def wait(self) -> int:
        """Wait for its end and return the exit code."""
        assert self._process is not None, "not started"
        code = self._process.wait(STOP_LIMIT)
        self._process = None
        return code

    def get(self, path: str, **headers: str) -> tuple[int, bytes, Mapping[str, str]]:
        """Ask for a path below the address; any status is an answer."""
        request = urllib.request.Request(f"{self.url}/{path}", headers=headers)  # noqa: S310 - our own URL
        try:
            with urllib.request.urlopen(request, timeout=START_LIMIT, context=self._context) as answer:  # noqa: S310 - as above
                return answer.status, answer.read(), dict(answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read(), dict(error.headers)

    def _complete(self) -> Tables:
        """The configuration with a free port and the store's place."""
        tables = dict(self._config)
        own: dict[str, Table] = {
            "server": {"port": 0, "drain": 0.0},
            "storage": {"path": str(self.store), "min_free_bytes": 0},
        }
        for name, defaults in own.items():
            given = tables.get(name, {})
            assert isinstance(given, dict), f"{name} is one table"
            tables[name] = defaults | given
        return tables

    def _end(self, number: signal.Signals) -> int:
        self.tell(number)
        return self.wait()

    def _announced(self) -> str:
        match = _ANNOUNCED.search(self.log)
        return match[1] if match else ""

    def _ready(self) -> str:
        try:
            status, body, _ = self.get("readyz")
        except (urllib.error.URLError, ConnectionError):
            return ""
        return body.decode() if status == 200 else ""

    def _wait_for(self, what: str, ask: Callable[[], str]) -> str:
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline:
            assert self._process is not None
            if self._process.poll() is not None:
                raise AssertionError(f"the mirror ended with {self._process.returncode}:\n{self.log}")
            if answer := ask():
                return answer
            time.sleep(_POLL)
        raise AssertionError(f"no {what} after {START_LIMIT} s:\n{self.log}")


def to_toml(tables: Tables) -> str:
    """Write tables, and lists of tables, of strings, numbers, truths and lists of them."""
    lines: list[str] = []
    for name, content in tables.items():
        several = isinstance(content, list)
        for table in content if isinstance(content, list) else [content]:
            lines.append(f"[[{name}]]" if several else f"[{name}]")
            lines += [f"{key} = {json.dumps(value)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"
