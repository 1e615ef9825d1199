"""Rows of the matrix that need git itself: its archives, its history, its objects."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.contract.repository_suite import untar
from tests.fakes.git_fixtures import FIXTURES, RECORDED
from tests.fakes.git_http import git_server
from tests.fakes.git_remote import GitRemote
from tests.fakes.trees import build_from_tar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Module, version, tag, directory of the module, h1: of its zip as the go command computed it.
ZIPS = [
    ("u/plain", "v1.0.0", "", "h1:U26XqC4nqnaZs5B1o1q20TmGu6SFh8rE+FhzwkENZ+E="),
    ("u/attr", "v1.0.0", "", "h1:Q5Kao0J26c9yBMjgctq5hVz7m6E6oadjZVMj2JX2/vo="),
    ("u/vend1.23", "v1.0.0", "", "h1:V17/X2unc+WJ9LU+87UopMbPpriT/WQjXKYFfUfqTO0="),
    ("u/vend1.24", "v1.0.0", "", "h1:JqU0Lr2Y/t7l1iTwJmjA8ZtxooFUdBQFcOXg3yMe3YY="),
    ("u/nest", "v1.0.0", "", "h1:qZ8YOxCrgQToDfd9HQ2wMbEVBpwGodDYBYGO0uisV/I="),
    ("u/nest/sub", "v1.0.0", "sub", "h1:2/9J1G5MMam7W8hPfIEfwWYo7BBUyR/kHNt9LAb1aAE="),
    ("u/lic/sub", "v1.0.0", "sub", "h1:/Dyf8Ucn0u2u0zxmyRqchDxjxvwYtsZal1tvxTaRbys="),
    ("u/lic/sub2", "v1.0.0", "sub2", "h1:dZvnHW+ZVIZ2wts9Gaiog/E3zlzF+MU3BboUfguVge8="),
    ("u/svend/sub", "v1.0.0", "sub", "h1:ynrL8bySUw07YEdY5UJ+zK2uNCDxP8nDyovBYZSdOmY="),
    ("u/empty", "v1.0.0", "", "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
    ("u/fn", "v1.0.0", "", "h1:FKFpmkd3XDI7wpymdVR3+uKXSPntd0M2arzDGKSJUmU="),
    ("u/fn", "v1.0.7", "", "h1:d8qIk8qnMerrKF9zABo2UC6y8nZNkI5HEPpTuGDeKeU="),
    ("u/maj/v2", "v2.0.0", "v2", "h1:7t3yErHRJGUFONMKGDIkBZWr6U02GS8cb/8CkwZRSQo="),
    ("u/sd/a/b/v2", "v2.2.0", "a/b/v2", "h1:eANgBZcFy9Y4SPdr5FIm3aKX4Kkuz99wJJEAmdkzE3s="),
    ("u/sd/c/v2", "v2.0.0", "c", "h1:WcmvARZNfDfvnkNUSXaVoblx/FbS/c1vgJMeuPnbI38="),
]


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[GitRemote]:
    with git_server(tmp_path / "served") as server:
        yield GitRemote(server, tmp_path / "kept")


async def zipped(remote: GitRemote, module: str, version: str, directory: str) -> str:
    """Make a module's zip from what git archives, and return its ``h1:``."""
    name = "/".join(module.split("/")[:2])
    remote.publish(FIXTURES[name]())
    repository = remote.open(name)
    tags = (await repository.refs()).tags
    prefixes = (f"{directory}/", f"{directory.removesuffix('/v2')}/", "")
    commit = next(tags[prefix + version] for prefix in prefixes if prefix + version in tags)
    inherited = await repository.read(commit, "LICENSE", 1 << 24) if directory else None
    async with repository.archive(commit, directory) as pieces:
        archive = b"".join([piece async for piece in pieces])
    return build_from_tar(archive, f"github.com/{module}", version, directory, inherited).zip.h1


@pytest.mark.matrix("T100")
@pytest.mark.matrix("T101")
@pytest.mark.parametrize(("module", "version", "directory", "h1"), ZIPS, ids=lambda value: str(value)[:16])
async def test_zips_are_those_of_the_go_command(
    remote: GitRemote, module: str, version: str, directory: str, h1: str
) -> None:
    assert await zipped(remote, module, version, directory) == h1


@pytest.mark.matrix("T102")
async def test_no_filter_or_attribute_of_this_machine_changes_a_zip(
    remote: GitRemote, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "attributes").write_text("* filter=shout -ident export-ignore\n")
    config = '[filter "%s"]\n\tsmudge = tr a-z A-Z\n\tclean = cat\n\trequired = true\n'
    settings = (config % "lfs") + (config % "shout")
    settings += f"[core]\n\tattributesFile = {tmp_path}/attributes\n\tautocrlf = true\n\teol = crlf\n"
    (tmp_path / ".gitconfig").write_text(settings)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / ".gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", str(tmp_path / ".gitconfig"))
    assert await zipped(remote, "u/attr", "v1.0.0", "") == {row[0]: row[3] for row in ZIPS}["u/attr"]


@pytest.mark.matrix("T101")
async def test_an_archive_is_converted_as_the_commit_says_but_a_file_is_read_as_stored(
    remote: GitRemote,
) -> None:
    remote.publish(FIXTURES["u/attr"]())
    repository, commit = remote.open("u/attr"), RECORDED["u/attr", "v1.0.0"]
    files = await untar(repository, commit)
    assert files["f.crlf"] == b"a\r\nb\r\n"
    assert files["f.utf16"] == "hi".encode("utf-16-le")
    assert files["subst.txt"] == b"$Format:%H$\n"
    assert "ignored.txt" in files
    assert await repository.read(commit, "f.crlf", 100) == b"a\nb\n"
    assert await repository.read(commit, "f.utf16", 100) == b"hi"


async def test_attributes_of_the_root_hold_in_a_directory(remote: GitRemote) -> None:
    history = FIXTURES["u/attr"]()
    history.write({"sub/f.crlf": "a\nb\n"})
    change = history.commit("sub")
    remote.publish(history)
    files = await untar(remote.open("u/attr"), remote.id_of(change), "sub")
    assert files == {"f.crlf": b"a\r\nb\r\n"}


@pytest.mark.matrix("T63")
async def test_a_pull_request_is_unknown_though_the_server_would_send_it(
    remote: GitRemote, tmp_path: Path
) -> None:
    remote.publish(FIXTURES["u/pr"]())
    with (tmp_path / "served" / "u" / "pr" / "config").open("a") as config:
        config.write("[uploadpack]\n\tallowAnySHA1InWant = true\n")
    repository, hidden = remote.open("u/pr"), RECORDED["u/pr", "refs/pull/1/head"]
    assert await repository.commit(hidden) is None
    assert await repository.find(hidden[:12]) is None
    refs = await repository.refs()
    assert hidden not in {*refs.branches.values(), *refs.tags.values(), refs.head}


@pytest.mark.matrix("T64")
async def test_a_tag_off_every_branch_is_a_commit(remote: GitRemote) -> None:
    remote.publish(FIXTURES["u/orph"]())
    repository = remote.open("u/orph")
    tagged = await repository.commit(RECORDED["u/orph", "v1.0.0"])
    assert tagged is not None
    assert await repository.tags_before(RECORDED["u/orph", "main"]) == frozenset()


@pytest.mark.matrix("T65")
@pytest.mark.matrix("T66")
async def test_tags_are_peeled_and_those_on_no_commit_lead_nowhere(remote: GitRemote) -> None:
    remote.publish(FIXTURES["u/nm"]())
    repository = remote.open("u/nm")
    refs = await repository.refs()
    one = RECORDED["u/nm", "v1.0.1"]
    assert (refs.tags["both"], refs.tags["v1.0.0"], refs.tags["v1.0.1"]) == (one, one, one)
    assert refs.branches["both"] == RECORDED["u/nm", "main"]
    for name in ("v1.0.2", "v1.0.3"):
        assert await repository.commit(refs.tags[name]) is None
        assert await repository.find(refs.tags[name][:12]) is None
    assert await repository.tags_before(refs.head) == {"both", "v1.0.0", "v1.0.1"}


@pytest.mark.matrix("T67")
@pytest.mark.matrix("T79")
@pytest.mark.parametrize(
    ("name", "ref", "time"),
    [
        ("u/tm", "v1.0.0", datetime(2020, 5, 5, 7, tzinfo=UTC)),
        ("u/tm2", "main", datetime(2100, 1, 1, tzinfo=UTC)),
    ],
)
async def test_time_is_the_committers_in_utc(
    remote: GitRemote, name: str, ref: str, time: datetime
) -> None:
    remote.publish(FIXTURES[name]())
    commit = await remote.open(name).commit(RECORDED[name, ref])
    assert commit is not None
    assert commit.time == time


async def test_a_commit_that_claims_to_be_from_the_future_is_found_behind_others(remote: GitRemote) -> None:
    history = FIXTURES["u/tm2"]()
    early = history.tip
    for number in range(30):
        history.write({"f": f"{number}\n"})
        history.commit("later, it says earlier", datetime(2020, 1, 1, 0, number, tzinfo=UTC))
    remote.publish(history)
    assert await remote.open("u/tm2").find(remote.id_of(early)[:12]) is not None


@pytest.mark.matrix("T88")
async def test_a_repository_without_commits_has_none(remote: GitRemote) -> None:
    remote.publish(FIXTURES["u/nocommit"]())
    repository = remote.open("u/nocommit")
    assert (await repository.refs()).head == ""
    assert await repository.commit("0" * 40) is None
    assert await repository.find("0123456789ab") is None


async def test_a_head_on_no_branch_counts(remote: GitRemote, tmp_path: Path) -> None:
    history = FIXTURES["u/ops"]()
    lone = history.commit("lone")
    history.hidden["refs/keep/lone"] = lone
    history.reset(lone.parents[0])
    remote.publish(history)
    (tmp_path / "served" / "u" / "ops" / "HEAD").write_text(remote.id_of(lone) + "\n")
    repository = remote.open("u/ops")
    assert (await repository.refs()).head == remote.id_of(lone)
    assert await repository.commit(remote.id_of(lone)) is not None
    assert await repository.tags_before(remote.id_of(lone)) == {"v1.0.0"}
    assert await repository.find(RECORDED["u/ops", "main"][:12]) is not None


async def test_only_what_is_asked_for_is_fetched(remote: GitRemote, tmp_path: Path) -> None:
    remote.publish(FIXTURES["u/ret"]())
    repository = remote.open("u/ret")
    await repository.refs()
    assert not list((tmp_path / "kept").glob("*"))
    assert await repository.read(RECORDED["u/ret", "v1.1.0"], "go.mod", 100) is not None
    (directory,) = (tmp_path / "kept").glob("*")
    assert (directory / "shallow").exists()
    asked = remote.server.count("git-upload-pack")
    assert await repository.commit(RECORDED["u/ret", "v1.1.0"]) is not None
    assert remote.server.count("git-upload-pack") == asked
    await repository.tags_before(RECORDED["u/ret", "v1.1.0"])
    assert not (directory / "shallow").exists()


async def test_what_is_complete_is_asked_for_news_only(remote: GitRemote) -> None:
    history = FIXTURES["u/ret"]()
    remote.publish(history)
    repository = remote.open("u/ret")
    await repository.tags_before(remote.id_of(history.tip))
    asked = len(remote.server.requests)
    for _ in range(3):
        assert await repository.find(RECORDED["u/ret", "v1.1.0"][:12]) is not None
        await repository.tags_before(remote.id_of(history.tip))
    assert len(remote.server.requests) == asked
    remote.pass_a_minute()
    await repository.tags_before(remote.id_of(history.tip))
    assert len(remote.server.requests) <= asked + 2  # names, in git's two steps
    history.commit("news")
    remote.publish(history)
    remote.pass_a_minute()
    assert await repository.tags_before(remote.id_of(history.tip)) == {"v1.0.0", "v1.1.0", "v1.2.0"}


async def test_a_server_of_plain_files_is_served_from_too(remote: GitRemote) -> None:
    remote.publish_as_files(FIXTURES["u/ret"]())
    repository = remote.open("u/ret")
    tag = RECORDED["u/ret", "v1.1.0"]
    assert await repository.read(tag, "go.mod", 100) == b"module github.com/u/ret\n"
    assert await repository.tags_before(tag) == {"v1.0.0", "v1.1.0"}
