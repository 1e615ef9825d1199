"""``PATH@VERSION`` on the command line: what names one module, or one version of it."""

from __future__ import annotations

from urllib.parse import quote

from modmirror.errors import ConfigError, InvalidTarget
from modmirror.mod.escape import escape_path, escape_version
from modmirror.mod.path import check_path
from modmirror.protocol.target import ModuleTarget, parse_target


def parse_module(text: str) -> ModuleTarget:
    """Read ``PATH@VERSION`` as a request to a mirror would name it. Raises ConfigError."""
    path, _, version = text.partition("@")
    try:
        rest = "latest" if version in {"", "latest"} else f"v/{escape_version(version)}.info"
        target = parse_target(b"/" + quote(f"{escape_path(check_path(path))}/@{rest}").encode(), ())
    except InvalidTarget as error:
        raise ConfigError(
            "MODULE", error.reason, hint=error.hint or "as in example.com/module@v1.2.3"
        ) from error
    assert isinstance(target, ModuleTarget)  # noqa: S101  # no database is named, so none can be parsed
    return target
