from __future__ import annotations

import pytest

from modmirror.origin.access.vcs import VcsAccess


@pytest.mark.parametrize("scheme", ["https", "svn+ssh", "file"])
def test_the_scheme_is_what_stands_before_the_host(scheme: str) -> None:
    assert VcsAccess(f"{scheme}://vcs.example.com/a://b").scheme == scheme


def test_the_representation_of_an_access_shows_no_secret() -> None:
    access = VcsAccess(
        "https://vcs.example.com/x",
        username="s3cret",
        password="s3cret",
        ssh_command="ssh -i s3cret",
    )
    assert "s3cret" not in repr(access)
    assert "vcs.example.com" in repr(access)
