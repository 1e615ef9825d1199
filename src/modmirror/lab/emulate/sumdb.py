"""A checksum database of the made-up world: an own key, a real tree, signed notes (protocol.md B.3, B.4).

A version is recorded when it is first looked up, as the public database does it.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import TYPE_CHECKING

from modmirror.errors import NotExist
from modmirror.sumdb.tile import DATA_LEVEL, HASH_BYTES, parse_tile_path
from modmirror.sumdb.tree import HEIGHT, fold, leaf_hash, peaks, perfect_hash

if TYPE_CHECKING:
    from modmirror.lab.emulate.modules import ModuleSet
    from modmirror.mod.path import ModulePath
    from modmirror.sumdb.tile import Tile

NAME = "sum.lab.test"
_ED25519 = b"\x01"


class EmulatedSumdb:
    """Answers for every version of ``modules``. The key is made from the seed: it protects nothing."""

    def __init__(self, modules: ModuleSet, name: str = NAME) -> None:
        # Late: it takes longer to import than everything else here.
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self.name = name
        self._modules = modules
        secret = hashlib.sha256(f"{name} {modules.seed}".encode()).digest()
        self._private = Ed25519PrivateKey.from_private_bytes(secret)
        public = _ED25519 + self._private.public_key().public_bytes_raw()
        self._key_hash = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
        self.key = f"{name}+{self._key_hash.hex()}+{b64encode(public).decode()}"
        """The verifier key, as in GOSUMDB."""
        self._records: list[bytes] = []
        self._leaves = bytearray()
        self._numbers: dict[tuple[ModulePath, str], int] = {}

    def latest(self) -> bytes:
        """Return the signed head of the tree as it is now."""
        size = len(self._records)
        root = b64encode(fold(peaks(bytes(self._leaves)))).decode()
        text = f"go.sum database tree\n{size}\n{root}\n".encode()
        signature = b64encode(self._key_hash + self._private.sign(text))
        return b"%b\n\xe2\x80\x94 %b %b\n" % (text, self.name.encode(), signature)

    def lookup(self, module: ModulePath, version: str) -> bytes:
        """Return the record of a version, and record it before if it is new. Raises NotExist."""
        number = self._numbers.get((module, version))
        if number is None:
            number = self._record(module, version)
        return b"%d\n%b\n%b" % (number, self._records[number], self.latest())

    def tile(self, path: str) -> bytes:
        """Return a tile by its path. Raises InvalidTarget and, beyond the tree, NotExist."""
        tile = parse_tile_path(path)
        start = tile.index << tile.height
        if tile.height != HEIGHT:
            raise NotExist(f"only tiles of height {HEIGHT} are served")
        if tile.level == DATA_LEVEL:
            rows = self._records[start : start + tile.width]
            return _whole(tile, len(rows), b"".join(text + b"\n" for text in rows))
        hashes = self._row(tile)
        return _whole(tile, len(hashes) // HASH_BYTES, hashes)

    def _row(self, tile: Tile) -> bytes:
        width = HASH_BYTES << HEIGHT * tile.level
        start = (tile.index << tile.height) * width
        covered = self._leaves[start : start + tile.width * width]
        return b"".join(
            perfect_hash(bytes(covered[at : at + width]))
            for at in range(0, len(covered) - width + 1, width)
        )

    def _record(self, module: ModulePath, version: str) -> int:
        release = self._modules.release(module, version)
        if release is None:
            raise NotExist(f"{module}@{version}: unknown revision {version}")
        text = f"{module} {version} {release.h1}\n{module} {version}/go.mod {release.mod_h1}\n".encode()
        number = self._numbers[module, version] = len(self._records)
        self._records.append(text)
        self._leaves += leaf_hash(text)
        return number


def _whole(tile: Tile, width: int, data: bytes) -> bytes:
    if width < tile.width:
        raise NotExist(f"{tile.path} is beyond the tree")
    return data
