"""Where a body goes while it arrives."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from modmirror.lab.run.lines import translated

if TYPE_CHECKING:
    from modmirror.lab.engine.port import Keep


class Sink(Protocol):
    """Takes a body piece by piece."""

    def write(self, data: bytes) -> None:
        """Take the next piece."""
        ...

    def restart(self) -> None:
        """What came was the body of a redirect: forget it."""
        ...

    def close(self, *, keep: bool) -> None:
        """No more comes; without ``keep``, nothing stays behind."""
        ...


class Nothing:
    """Forgets."""

    def write(self, data: bytes) -> None:
        """Forget it."""

    def restart(self) -> None:
        """Nothing is there."""

    def close(self, *, keep: bool) -> None:
        """Nothing is there."""


class Memory:
    """Keeps bytes."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes) -> None:
        """Keep it."""
        self.data += data

    def restart(self) -> None:
        """Forget it all."""
        self.data.clear()

    def close(self, *, keep: bool) -> None:
        """Forget what is not to be kept."""
        if not keep:
            self.data.clear()


class Spool:
    """Keeps a file in a folder."""

    def __init__(self, folder: Path) -> None:
        # Open across calls: the request that owns the sink closes it.
        with translated(folder):
            self._file = tempfile.NamedTemporaryFile(dir=folder, suffix=".body", delete=False)  # noqa: SIM115
        self.path = Path(self._file.name)

    def write(self, data: bytes) -> None:
        """Append it. A full disk here is no failure of the mirror: raises StorageFull or StorageBroken."""
        with translated(self.path):
            self._file.write(data)

    def restart(self) -> None:
        """Empty the file."""
        with translated(self.path):
            self._file.seek(0)
            self._file.truncate()

    def close(self, *, keep: bool) -> None:
        """Close the file, and remove it if it is not to be kept."""
        with translated(self.path):
            self._file.close()
        if not keep:
            self.path.unlink(missing_ok=True)


def sink_for(keep: Keep, folder: Path) -> Sink:
    """Return an empty sink."""
    if keep == "bytes":
        return Memory()
    return Spool(folder) if keep == "file" else Nothing()
