"""A whole checksum database in memory, with a real key and a real tree, that can be made to lie.

It shares no code with ``modmirror.sumdb``: the real go command, which accepts its answers, is what shows
that it is right. Lies are in ``tests/fakes/sumdb_lies.py``, HTTP is in ``tests/fakes/sumdb_server.py``.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import unquote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = tuple[int, bytes]

_TILE = re.compile(r"tile/8/(data|\d+)/((?:x\d{3}/)*\d{3})(?:\.p/(\d+))?")


def made_up_h1(text: str) -> str:
    """A well-formed h1 that belongs to nothing."""
    return "h1:" + b64encode(hashlib.sha256(text.encode()).digest()).decode()


class Signer:
    """An Ed25519 key with a name, made from a seed."""

    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        secret = hashlib.sha256(f"{name} {seed}".encode()).digest()
        self._private = Ed25519PrivateKey.from_private_bytes(secret)
        public = b"\x01" + self._private.public_key().public_bytes_raw()
        self.key_hash = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
        self.key = f"{name}+{self.key_hash.hex()}+{b64encode(public).decode()}"

    def line(self, text: bytes, *, key_hash: bytes = b"") -> bytes:
        """A signature line; ``key_hash`` claims to be another key."""
        signature = (key_hash or self.key_hash) + self._private.sign(text)
        return f"\u2014 {self.name} {b64encode(signature).decode()}\n".encode()

    def sign(self, text: bytes) -> bytes:
        """A signed note."""
        return text + b"\n" + self.line(text)


class FakeSumdb:
    """``get`` answers like sum.golang.org. ``lie`` may change every answer on its way out."""

    def __init__(
        self,
        name: str = "sum.fake.test",
        seed: int = 1,
        resolve: Callable[[str, str], tuple[str, str] | None] | None = None,
    ) -> None:
        self.name = name
        self.seed = seed
        self.signer = Signer(name, seed)
        self.key = self.signer.key
        self.resolve = resolve
        """Vouches for a module version on its first lookup: (h1 of the zip, h1 of the go.mod) or None."""
        self.lie: Callable[[FakeSumdb, str, Answer], Answer] | None = None
        self.shown: int | None = None
        """Sign the tree as it was when it had so many records, like a mirror with an old answer."""
        self.records: list[bytes] = []
        self._levels: list[list[bytes]] = [[]]
        self._ids: dict[tuple[str, str], int] = {}

    @property
    def size(self) -> int:
        return len(self.records)

    def add(self, module: str, version: str, zip_h1: str, mod_h1: str) -> int:
        """Record one module version and return its number."""
        text = f"{module} {version} {zip_h1}\n{module} {version}/go.mod {mod_h1}\n"
        self._ids[module, version] = self.size
        return self.add_record(text.encode())

    def add_record(self, text: bytes) -> int:
        """Record any text, found by number only."""
        self.records.append(text)
        node = hashlib.sha256(b"\x00" + text).digest()
        for level in self._levels:
            level.append(node)
            if len(level) % 2:
                break
            node = hashlib.sha256(b"\x01" + level[-2] + level[-1]).digest()
        else:
            self._levels.append([node])
        return self.size - 1

    def pad(self, size: int) -> None:
        """Grow to ``size`` records with modules nobody asks for."""
        while self.size < size:
            self.add_record(f"filler.test/m v0.0.{self.size} {made_up_h1(str(self.size))}\n".encode())

    def fork(self, at: int) -> FakeSumdb:
        """Another database with the same key that shares the first ``at`` records only."""
        other = FakeSumdb(self.name, self.seed, self.resolve)
        for text in self.records[:at]:
            other.add_record(text)
        other._ids = {module: number for module, number in self._ids.items() if number < at}
        return other

    def root(self, size: int) -> bytes:
        """RFC 6962 root of the first ``size`` records, from the stored perfect subtrees."""
        root, end = b"", size
        for bit in range(size.bit_length()):
            if size >> bit & 1:
                peak = self._levels[bit][(end >> bit) - 1]
                root = hashlib.sha256(b"\x01" + peak + root).digest() if root else peak
                end -= 1 << bit
        return root or hashlib.sha256(b"").digest()

    def tree_text(self, size: int | None = None) -> bytes:
        """The unsigned text of a tree head."""
        if size is None:
            size = self.size if self.shown is None else self.shown
        return f"go.sum database tree\n{size}\n{b64encode(self.root(size)).decode()}\n".encode()

    def note(self, size: int | None = None) -> bytes:
        """A signed tree head."""
        return self.signer.sign(self.tree_text(size))

    def lookup_body(self, number: int, *, record: bytes | None = None, note: bytes | None = None) -> bytes:
        """A lookup answer made of parts."""
        text = self.records[number] if record is None else record
        return f"{number}\n".encode() + text + b"\n" + (self.note() if note is None else note)

    def number_of(self, module: str, version: str) -> int:
        return self._ids[module, version]

    def get(self, path: str) -> Answer:
        """Answer a path below the base, without a leading slash; may be percent-encoded."""
        answer = self._honest(unquote(path))
        return self.lie(self, path, answer) if self.lie else answer

    def _honest(self, path: str) -> Answer:
        if path == "supported":
            return 200, b""
        if path == "latest":
            return 200, self.note()
        if path.startswith("lookup/"):
            return self._lookup(path.removeprefix("lookup/"))
        if path.startswith("tile/"):
            return self._tile(path)
        return 404, b"not found: no such path\n"

    def _lookup(self, what: str) -> Answer:
        plain = re.sub("!([a-z])", lambda match: match[1].upper(), what)
        module, _, version = plain.partition("@")
        if (module, version) not in self._ids:
            sums = self.resolve(module, version) if self.resolve else None
            if sums is None:
                return 404, f"not found: {module}@{version}: unknown revision {version}\n".encode()
            self.add(module, version, *sums)
        return 200, self.lookup_body(self._ids[module, version])

    def _tile(self, path: str) -> Answer:
        match = _TILE.fullmatch(path)
        if not match:
            return 400, b"bad tile path\n"
        index = int(match[2].replace("x", "").replace("/", ""))
        start, width = index * 256, int(match[3] or 256)
        if match[1] == "data":
            row = [text + b"\n" for text in self.records[start : start + width]]
        else:
            bit = 8 * int(match[1])
            level = self._levels[bit] if bit < len(self._levels) else []
            row = level[start : start + width]
        if len(row) < width:
            return 404, b"not found: tile is beyond the tree\n"
        return 200, b"".join(row)
