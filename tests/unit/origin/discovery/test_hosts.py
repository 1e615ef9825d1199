from __future__ import annotations

import pytest

from modmirror.errors import NotExist
from modmirror.origin.discovery.hosts import Found, static_site


def https(root: str, vcs: str = "git") -> Found:
    return Found(root, vcs, (f"https://{root}",))


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("github.com/u/r", https("github.com/u/r")),
        ("github.com/u/r/sub/v2", https("github.com/u/r")),
        ("github.com/U_1/r.go", https("github.com/U_1/r.go")),
        ("bitbucket.org/u/r/x", https("bitbucket.org/u/r")),
        ("hub.jazz.net/git/user1/r/x", https("hub.jazz.net/git/user1/r")),
        ("git.apache.org/thrift.git/lib/go", https("git.apache.org/thrift.git")),
        ("git.openstack.org/o/r/x", https("git.openstack.org/o/r")),
        ("git.openstack.org/o/r.git/x", https("git.openstack.org/o/r.git")),
        ("chiselapp.com/user/u/repository/r", https("chiselapp.com/user/u/repository/r", "fossil")),
    ],
)
def test_a_known_host_tells_the_repository_by_the_path(path: str, found: Found) -> None:
    assert static_site(path) == found


@pytest.mark.parametrize(
    "path",
    [
        "github.com",
        "github.com/u",
        "github.com/u/~r",
        "github.com/u/r/~x",
        "bitbucket.org/u",
        "hub.jazz.net/git/u",
        "hub.jazz.net/git/User/r",
        "git.apache.org/thrift",
        "git.apache.org/thrift.gitx",
        "git.openstack.org/o",
        "chiselapp.com/user/u/repository/r/below",
        "chiselapp.com/u/r",
    ],
)
def test_another_path_on_a_known_host_is_no_repository(path: str) -> None:
    with pytest.raises(NotExist) as caught:
        static_site(path)
    assert path in caught.value.reason
    assert "begin with" in caught.value.hint


@pytest.mark.parametrize("suffix", ["git", "hg", "svn", "fossil"])
def test_a_suffix_on_a_known_host_is_refused_with_the_right_path(suffix: str) -> None:
    with pytest.raises(NotExist) as caught:
        static_site(f"github.com/u/r.{suffix}/x")
    assert caught.value.hint == "write github.com/u/r/x"


@pytest.mark.parametrize(
    ("path", "root", "vcs"),
    [
        ("a.test/x.git", "a.test/x.git", "git"),
        ("a.test/x.git/sub/v2", "a.test/x.git", "git"),
        ("a.test/team/x.hg/sub", "a.test/team/x.hg", "hg"),
        ("a.test/x.svn", "a.test/x.svn", "svn"),
        ("a.test/x.fossil", "a.test/x.fossil", "fossil"),
        ("a.test/~user/x.git/y", "a.test/~user/x.git", "git"),
        ("a.test/x.git.git", "a.test/x.git.git", "git"),
        ("a.test/x.git/y.hg", "a.test/x.git", "git"),
        ("10.0.0.1/x.git", "10.0.0.1/x.git", "git"),
    ],
)
def test_a_suffix_ends_the_root_and_names_the_system(path: str, root: str, vcs: str) -> None:
    found = static_site(path)
    assert found is not None
    assert (found.root, found.vcs) == (root, vcs)


def test_secure_schemes_are_tried_in_order_and_lose_the_suffix() -> None:
    found = static_site("a.test/x.git/sub")
    assert found is not None
    assert found.urls == ("https://a.test/x", "git+ssh://a.test/x", "ssh://a.test/x")


@pytest.mark.parametrize("vcs", ["git", "hg", "svn", "fossil"])
def test_unprotected_schemes_are_only_tried_for_insecure_paths_and_last(vcs: str) -> None:
    secure, insecure = static_site(f"a.test/x.{vcs}"), static_site(f"a.test/x.{vcs}", insecure=True)
    assert secure is not None
    assert insecure is not None
    assert not [url for url in secure.urls if url.startswith(("http:", "git:", "svn:"))]
    assert insecure.urls[: len(secure.urls)] == secure.urls
    assert "http://a.test/x" in insecure.urls


@pytest.mark.parametrize(
    "path",
    [
        "golang.org/x/mod",
        "gopkg.in/yaml.v3",
        "gitlab.com/g/p",
        "a.test",
        "a.test/.git",
        "a.test/~.git",
        "a.test/xgit",
        "a.test/x.gits",
        "notgithub.com/u/r",
        "github.com.evil.test/u/r",
        "nodot/x.git",
        ".test/x.git",
        "a.test/x.git/y~z",
        "a.test/x.bzr",
    ],
)
def test_every_other_path_is_for_its_host_to_tell(path: str) -> None:
    assert static_site(path) is None
