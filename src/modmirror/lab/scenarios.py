"""Scenarios as TOML files: those that come with a package of the lab, and one's own."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from modmirror.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

S = TypeVar("S")


def shipped_texts(package: str) -> dict[str, str]:
    """Return the files in the ``scenarios`` folder of a package, by name, in the order of the files."""
    folder = files(package) / "scenarios"
    texts = sorted((entry.name, entry.read_text(encoding="utf-8")) for entry in folder.iterdir())
    return {name.removesuffix(".toml"): text for name, text in texts if name.endswith(".toml")}


def find_in(name: str, known: Mapping[str, S], parse: Callable[[str, str], S], *, others: str) -> S:
    """Return what is known by ``name``, or what ``parse`` makes of the text and name of a ``.toml`` file.

    ``others`` says what else would do. Raises ConfigError with key ``SCENARIO``, and what ``parse`` raises.
    """
    if name.endswith(".toml"):
        try:
            text = Path(name).read_text(encoding="utf-8")
        except OSError as error:
            raise ConfigError("SCENARIO", f"{name} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise ConfigError("SCENARIO", f"{name} cannot be read: it is not UTF-8 text") from error
        return parse(text, Path(name).stem)
    if name not in known:
        raise ConfigError(
            "SCENARIO", f'there is no scenario "{name}"', hint=f"known: {', '.join(known)}; or {others}"
        )
    return known[name]
