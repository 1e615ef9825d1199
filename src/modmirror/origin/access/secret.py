"""One secret, read from a file or an environment variable, and read again so that it can be rotated."""

from __future__ import annotations

import contextlib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from modmirror.origin.settings import AccessSettings


@dataclass(frozen=True, slots=True)
class Places:
    """Where secrets are read from."""

    environ: Mapping[str, str]
    read_file: Callable[[str], str]
    """Raises OSError for a file that cannot be read."""


class Secret:
    """A text that is read each time it is needed. No representation shows it.

    While it cannot be read, or is not fit, the last good one is used: files are often replaced in two
    steps.

    Args:
        read: returns the text. Raises ConfigError.
        check: raises ConfigError for a text that is not fit.

    Raises:
        ConfigError: it cannot be read, or is not fit, now.
    """

    def __init__(self, read: Callable[[], str], check: Callable[[str], None]) -> None:
        self._read = read
        self._check = check
        self._last = self._fit()

    def __repr__(self) -> str:
        return "<Secret>"

    def __call__(self) -> str:
        """Return the text. May block on a file."""
        with contextlib.suppress(ConfigError):
            self._last = self._fit()
        return self._last

    def _fit(self) -> str:
        text = self._read()
        self._check(text)
        return text


def reader(label: str, one: AccessSettings, places: Places) -> Callable[[], str]:
    """Return how the secret of an access is read.

    Raises:
        ConfigError: not exactly one place is given. The reader raises it when the place has no secret.
    """
    if bool(one.secret_env) == bool(one.secret_file):
        raise ConfigError(label, "needs exactly one of secret_env and secret_file")
    key = f"{label}.secret_env" if one.secret_env else f"{label}.secret_file"

    def read() -> str:
        try:
            text = places.environ[one.secret_env] if one.secret_env else places.read_file(one.secret_file)
        except KeyError:
            raise ConfigError(key, f"the variable {one.secret_env} is not set") from None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(key, f"{one.secret_file} cannot be read") from error
        if not text.strip():
            raise ConfigError(key, "the secret is empty")
        return text

    return read


def check_sendable(label: str, secret: str) -> None:
    """Refuse what would break out of a header; the text says nothing of the secret itself."""
    if not secret.isprintable() or not secret.isascii():
        raise ConfigError(label, "the secret holds a character that cannot be sent")


def without_newline(text: str) -> str:
    """Drop one final newline, which editors add to files."""
    return text.removesuffix("\n").removesuffix("\r")


def basic(user: str, password: str) -> str:
    """Return the Authorization value for a user and a password."""
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


def split_basic(authorization: str) -> tuple[str, str]:
    """Return the user and the password of an Authorization value, or two empty texts for another kind."""
    kind, _, value = authorization.partition(" ")
    if kind != "Basic":
        return "", ""
    user, _, password = b64decode(value).decode().partition(":")
    return user, password
