"""Signed notes: a text, a blank line, signature lines (protocol.md B.3).

Knows how a note is split, which keys are trusted and what a signature covers. Does not know what the text
means: for a checksum database it is a tree head, see :mod:`modmirror.sumdb.head`.
"""

from __future__ import annotations

import hashlib
import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.errors import BadNote, ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_SIGNATURES = 100
"""More signature lines than this are refused before any of them is checked."""

_DASH = "\u2014 "
_ED25519 = b"\x01"
_ED25519_KEY_BYTES = 32
_KEY_HASH_BYTES = 4
_CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f]")
_KEY_HASH = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key that signs notes under a name."""

    name: str
    key_hash: bytes
    """Four bytes that name the key in a signature line."""
    public: bytes
    """The 32 bytes of the Ed25519 public key."""

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read ``NAME+HASH+BASE64``, the form used in GOSUMDB.

        Raises:
            ConfigError: not of that form, not Ed25519, or the hash does not belong to name and key.
        """
        name, _, rest = text.partition("+")
        hash_text, _, encoded = rest.partition("+")
        if not _is_name(name) or not _KEY_HASH.fullmatch(hash_text):
            raise _bad_key("it is not of the form NAME+HASH+KEY")
        key = _decode_base64(encoded)
        if key is None or key[:1] != _ED25519 or len(key) != 1 + _ED25519_KEY_BYTES:
            raise _bad_key("its last part is not an Ed25519 key in base64")
        key_hash = hashlib.sha256(name.encode() + b"\n" + key).digest()[:_KEY_HASH_BYTES]
        if key_hash.hex() != hash_text:
            raise _bad_key(f"its hash is {hash_text}, but name and key have {key_hash.hex()}")
        return cls(name, key_hash, key[1:])

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Say whether ``signature`` (without the key hash) is this key's over ``text``."""
        # Imported late: it costs more than all other imports of this package, and most commands of the
        # command line never verify anything.
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Note:
    """A text that at least one known key has signed."""

    text: bytes
    """Ends with a newline."""
    signers: tuple[VerifierKey, ...]
    """Known keys with a valid signature, in the order of their lines."""


def open_note(message: bytes, keys: Sequence[VerifierKey]) -> Note:
    """Check a signed note and return what was signed. Signatures of unknown keys are passed over.

    Raises:
        BadNote: malformed, not signed by any of ``keys``, or with a wrong signature by one of them.
    """
    problem = text_problem(message)
    if problem:
        raise BadNote(f"the signed note {problem}")
    # B.3: the last blank line separates; a text may hold blank lines of its own.
    cut = message.rfind(b"\n\n")
    block = message[cut + 2 :]
    if cut < 0 or not block.endswith(b"\n"):
        raise BadNote("the note has no signature lines after a blank line")
    text = message[: cut + 1]
    lines = block[:-1].split(b"\n")
    if len(lines) > MAX_SIGNATURES:
        raise BadNote(f"the note has {len(lines)} signatures; at most {MAX_SIGNATURES} are allowed")
    signers = [key for line in lines if (key := _check_signature(line.decode(), text, keys)) is not None]
    if not signers:
        known = ", ".join(key.name for key in keys) or "no key at all"
        raise BadNote(f"the note is not signed by a known key; known: {known}")
    return Note(text, tuple(dict.fromkeys(signers)))


def text_problem(data: bytes) -> str:
    """Say what makes ``data`` unfit as text of a note or record, or return ""."""
    if _CONTROL.search(data):
        return "holds control characters"
    try:
        data.decode()
    except UnicodeDecodeError:
        return "is not UTF-8"
    return ""


def _check_signature(line: str, text: bytes, keys: Sequence[VerifierKey]) -> VerifierKey | None:
    """Return the known key that made this signature, or None if its key is not known."""
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    signature = _decode_base64(encoded)
    well_formed = line.startswith(_DASH) and _is_name(name) and signature is not None
    if not well_formed or signature is None or len(signature) <= _KEY_HASH_BYTES:
        raise BadNote("the note has a malformed signature line")
    key_hash, signature = signature[:_KEY_HASH_BYTES], signature[_KEY_HASH_BYTES:]
    candidates = [key for key in keys if (key.name, key.key_hash) == (name, key_hash)]
    for key in candidates:
        if key.verify(text, signature):
            return key
    if candidates:
        raise BadNote(f"the signature of {name} is wrong")
    return None


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(char.isspace() for char in name)


def _decode_base64(text: str) -> bytes | None:
    try:
        return a2b_base64(text, strict_mode=True)
    except (Base64Error, ValueError):
        return None


def _bad_key(problem: str) -> ConfigError:
    return ConfigError("sumdb.key", f"the verifier key cannot be used: {problem}")
