"""The ssh command that git is given: one key, known hosts only, nothing of this machine's own set-up."""

from __future__ import annotations

import os
import re
import shlex
from hashlib import sha256
from typing import TYPE_CHECKING

from modmirror.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from modmirror.origin.network.guard import Pinned
    from modmirror.origin.network.remote import Remote

_OPTIONS = (
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    "UpdateHostKeys=no",
    "GlobalKnownHostsFile=/dev/null",
    "IdentitiesOnly=yes",
    "IdentityAgent=none",
    "PreferredAuthentications=publickey",
    "ForwardAgent=no",
    "ClearAllForwardings=yes",
    "PermitLocalCommand=no",
    "ControlPath=none",
    "ConnectTimeout=10",
)
_SSH_PORT = 22
_PLAIN = re.compile(r"[A-Za-z0-9/._%-]+")
# ssh reads these even inside its own quotes.
_UNQUOTABLE = re.compile(r'["\\\x00-\x1f\x7f]|\$\{')


def ssh_command(
    key: Path, known_hosts: Path, *, user: str = "", remote: Remote, pinned: Pinned | None
) -> str:
    """Return the value of ``GIT_SSH_COMMAND`` for one remote, quoted for the shell that git starts.

    The connection goes to the pinned address; the host key is still looked up by the host's name.
    """
    words = ["ssh", "-F", "/dev/null"]
    words += [f"-o{option}" for option in _OPTIONS]
    words += [f"-oIdentityFile={_value(key)}", f"-oUserKnownHostsFile={_value(known_hosts)}"]
    if user:
        words.append(f"-oUser={user}")
    if pinned is not None:
        host = remote.host.strip("[]")
        port = remote.real_port
        alias = host if port == _SSH_PORT else f"[{host}]:{port}"
        words += [f"-oHostName={pinned.endpoints[0][0]}", f"-oHostKeyAlias={alias}", "-oCheckHostIP=no"]
    return shlex.join(words)


def check_path(key: str, path: Path) -> Path:
    """Return the absolute path of a file that ssh can be told of.

    Raises:
        ConfigError: with ``key``; ssh would read something else into the path.
    """
    absolute = path.expanduser().absolute()
    if _UNQUOTABLE.search(str(absolute)):
        reason = f"{absolute} holds a character that ssh cannot be told of"
        raise ConfigError(key, reason, hint="move the file to a path of letters and digits")
    return absolute


def write_key(folder: Path, text: str) -> Path:
    """Write a private key where only this user can read it; return its path. Blocks on the disk."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    body = text.rstrip("\r\n") + "\n"  # without a final newline ssh finds no key
    path = folder / sha256(body.encode()).hexdigest()[:32]
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(body)
    return path


def _value(path: Path) -> str:
    """Quote a path for ssh's own reading of an option; percent signs would be expanded, so are doubled."""
    text = str(path).replace("%", "%%")
    return text if _PLAIN.fullmatch(text) else f'"{text}"'
