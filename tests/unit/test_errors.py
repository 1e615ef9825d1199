from __future__ import annotations

import re

import pytest

from modmirror import errors
from modmirror.cli.reference.errors import sample
from modmirror.protocol.answer import answer_for_error

_LINE = re.compile(r"^(?P<indent>[ │]*)[├└]─ (?P<name>\w+)(?: .*?)?(?P<status>\d{3}| 2)?$")


def drawn() -> dict[str, tuple[str, str]]:
    """Return what the docstring says: class to parent and status, which is its own or its parent's."""
    found: dict[str, tuple[str, str]] = {"Error": ("", "")}
    above = [(-1, "Error")]
    for line in (errors.__doc__ or "").splitlines():
        if match := _LINE.match(line):
            depth = len(match["indent"])
            while above[-1][0] >= depth:
                above.pop()
            parent = above[-1][1]
            status = (match["status"] or found[parent][1]).strip()
            found[match["name"]] = (parent, status)
            above.append((depth, match["name"]))
    return found


def classes(kind: type[errors.Error] = errors.Error) -> dict[str, type[errors.Error]]:
    found = {kind.__name__: kind}
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            found |= classes(child)
    return found


def test_the_tree_in_the_docstring_is_the_tree_of_classes() -> None:
    parents = {name: (kind.__bases__[0].__name__ if kind is not errors.Error else "")
               for name, kind in classes().items()}  # fmt: skip
    assert {name: parent for name, (parent, _) in drawn().items()} == parents


@pytest.mark.parametrize("name", [name for name, (_, status) in drawn().items() if status not in ("", "2")])
def test_the_status_in_the_docstring_is_the_status_that_is_answered(name: str) -> None:
    assert str(answer_for_error(sample(classes()[name])).status) == drawn()[name][1]


def test_an_error_keeps_what_it_knows() -> None:
    assert errors.NotExist("no", sources=("a",)).sources == ("a",)
    assert errors.UpstreamRefused("up", "no", status=403).status == 403
    assert errors.UpstreamBusy("up", "no", retry_after=2.0).retry_after == 2.0
    assert errors.Overloaded("no", retry_after=1.0).retry_after == 1.0
    assert errors.ConfigError("a.b", "no", hint="do").hint == "do"
    mismatch = errors.HashMismatch("no", want="h1:a", got="h1:b")
    assert (mismatch.want, mismatch.got, str(mismatch)) == ("h1:a", "h1:b", "no")
    assert errors.UpstreamTimeout("up", "slow").upstream == "up"


def test_a_close_name_is_proposed_else_all_are_listed() -> None:
    assert errors.nearest("prot", ["port", "host"]) == 'did you mean "port"?'
    assert errors.nearest("zzz", ["port", "host"]) == "known: host, port"
