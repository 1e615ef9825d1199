"""docs/reference/errors.md, from the error tree and the answer table."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from modmirror import errors
from modmirror.protocol.answer import MAX_TEXT_BYTES, MAX_TEXT_LINES, answer_for_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HEAD = f"""\
# Errors

错误一览：HTTP 状态码、缓存时间与含义。

Made from the code by `make docs`; do not edit.

A refusal says why in `text/plain`, at most {MAX_TEXT_LINES} lines and {MAX_TEXT_BYTES} bytes:
the go command shows that to the developer.
A failure never turns into "not found", because `GOPROXY=mirror,direct` goes on after 404 and 410 only.

"""

_SAMPLES: Mapping[str, Any] = {
    "reason": "reason",
    "upstream": "upstream",
    "status": 403,
    "retry_after": 1.0,
    "want": "h1:want",
    "got": "h1:got",
    "key": "server.port",
}
"""What each class may ask for, by parameter name, to make one of it."""


def page() -> str:
    """Return the page as Markdown."""
    rows = "\n".join(_row(kind) for kind in _walk(errors.Error))
    tree = (errors.__doc__ or "").partition("::\n")[2].partition("The statuses are not set here")[0]
    return f"""{_HEAD}```text
{tree.strip()}
```

| error | status | Cache-Control | text begins with | meaning |
|---|---|---|---|---|
{rows}

Anything else is a bug in modmirror: status 500, the text says no more than that, the log has the traceback.
"""


def _walk(kind: type[errors.Error]) -> Iterator[type[errors.Error]]:
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from _walk(child)


def _row(kind: type[errors.Error]) -> str:
    meaning = " ".join((inspect.getdoc(kind) or "").split()).replace("``", "`")
    if kind is errors.ConfigError:
        return f"| `{kind.__name__}` | none | none | none | {meaning} Exit code 2. |"
    answer = answer_for_error(sample(kind))
    heading = answer.body.decode().partition(":")[0].strip()
    cache = dict(answer.headers)["cache-control"]
    return f"| `{kind.__name__}` | {answer.status} | `{cache}` | {heading} | {meaning} |"


def sample(kind: type[errors.Error]) -> errors.Error:
    """Make an error of a class, whatever its constructor asks for."""
    wanted = inspect.signature(kind).parameters
    return kind(**{name: _SAMPLES[name] for name in wanted if name in _SAMPLES})
