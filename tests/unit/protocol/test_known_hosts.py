from __future__ import annotations

import pytest

from modmirror.mod.path import check_path
from modmirror.protocol.known_hosts import never_a_module


@pytest.mark.matrix("T143")
@pytest.mark.parametrize(
    "path",
    [
        *["github.com", "github.com/u", "bitbucket.org/u", "gitlab.com/group"],
        *["golang.org", "golang.org/x", "google.golang.org"],
    ],
)
def test_parents_of_modules_on_known_hosts_are_refused_without_asking(path: str) -> None:
    assert path in never_a_module(check_path(path))


@pytest.mark.parametrize(
    "path",
    [
        *["github.com/u/r", "github.com/u/r/sub/v2", "github.com/u/v2", "gitlab.com/group/project"],
        *["golang.org/x/mod", "golang.org/toolchain", "golang.org/dl", "google.golang.org/grpc"],
        *["x.y", "go.uber.org", "github.company.example", "github.com.example/u"],
    ],
)
def test_whatever_could_be_a_module_is_asked_for(path: str) -> None:
    assert never_a_module(check_path(path)) == ""
