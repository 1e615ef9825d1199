"""Git repositories and servers that mean harm, and what is left of it: an error in bounded time."""

from __future__ import annotations

import asyncio
import secrets
import struct
import sys
import time
import zlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import (
    Error,
    NotExist,
    UpstreamBadAnswer,
    UpstreamError,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from modmirror.origin.access.git import GitAccess
from modmirror.origin.git.refs import MAX_LINES, MAX_NAMES
from modmirror.origin.git.repository import GitRepository
from modmirror.origin.git.source import GitSource
from modmirror.origin.keeping.terms import Terms
from modmirror.origin.limits import RepositoryLimits
from tests.contract.repository_suite import LIMIT, small, untar
from tests.fakes.git_fixtures import FIXTURES
from tests.fakes.git_http import basic, git_server
from tests.fakes.git_pack import GitObjects, pack_header
from tests.fakes.git_remote import GitRemote
from tests.fakes.history import History
from tests.fakes.processes import arguments_with, none_left, with_word

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
SECRET = "s3cr3t-pass-word"
WORDS = ("--upload-pack=touch MARK", "-c core.sshCommand=touch MARK", "--output=MARK", "--exec=touch MARK")


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[GitRemote]:
    with git_server(tmp_path / "served") as server:
        yield GitRemote(
            server, tmp_path / "kept", limits=RepositoryLimits(timeout=20.0, background_timeout=20.0)
        )


@pytest.fixture
def mark(tmp_path: Path) -> Iterator[Path]:
    """Return a file that nothing may create."""
    yield tmp_path / "MARK"
    assert not (tmp_path / "MARK").exists()


def reached_by(remote: GitRemote, access: GitAccess) -> GitRepository:
    async def reach() -> GitAccess:
        return access

    source = GitSource("https://git.example.com/x", reach, lambda: NotExist("it is not there"))
    return GitRepository(remote.git, source, Terms(remote.home, remote.limits))


def named(folder: Path, *names: str) -> list[Path]:
    """Return what has one of these names, anywhere below a folder."""
    return [path for path in folder.rglob("*") if path.name in names]


def kept_files(remote: GitRemote) -> Iterator[Path]:
    return (path for path in remote.folder.rglob("*") if path.is_file())


# --- words that git could take for options -------------------------------------------------------


@pytest.mark.parametrize("word", WORDS)
async def test_no_word_of_a_caller_is_an_option(remote: GitRemote, mark: Path, word: str) -> None:
    remote.publish(small())
    repository, evil = remote.open("u/small"), word.replace("MARK", str(mark))
    tip = (await repository.refs()).head
    assert await repository.commit(evil) is None
    assert await repository.find(evil) is None
    assert await repository.read(tip, evil, LIMIT) is None
    assert await untar(repository, tip, evil) == {}
    for question in (repository.read(evil, "go.mod", LIMIT), repository.tags_before(evil)):
        with pytest.raises(NotExist):
            await question
    with pytest.raises(NotExist):
        await untar(repository, evil)


@pytest.mark.parametrize("word", WORDS)
async def test_no_url_is_an_option(remote: GitRemote, mark: Path, word: str) -> None:
    repository = reached_by(remote, GitAccess(word.replace("MARK", str(mark)), "https"))
    with pytest.raises(Error):
        await repository.refs()


async def test_names_of_the_remote_side_are_no_options(remote: GitRemote, mark: Path) -> None:
    history = small()
    history.tag(f"--upload-pack=touch{mark.name}", "-x", "--all")
    history.branch("--output=MARK", "-f")
    remote.publish(history)
    repository = remote.open("u/small")
    refs = await repository.refs()
    assert {"-x", "--all"} <= set(refs.tags)
    assert await repository.commit(refs.tags["-x"]) is not None
    assert {"-x", "--all"} <= await repository.tags_before(refs.head)


@pytest.mark.parametrize(
    "revision", ["HEAD", "main", "HEAD~1", "v1.0.0^{}", "@{0}", ":/fix", "refs/heads/main"]
)
async def test_revisions_other_than_ids_mean_nothing(remote: GitRemote, revision: str) -> None:
    remote.publish(small())
    repository = remote.open("u/small")
    assert await repository.commit(revision) is None
    assert await repository.find(revision) is None
    assert await repository.find("*") is None
    assert await repository.find("") is None


@pytest.mark.parametrize("path", ["go.mod\nHEAD:go.mod", "go.mod\0x", "../u/small", ":0:go.mod"])
async def test_paths_cannot_ask_a_second_question(remote: GitRemote, path: str) -> None:
    remote.publish(small())
    repository = remote.open("u/small")
    assert await repository.read((await repository.refs()).head, path, LIMIT) is None


# --- transports, redirects, secrets --------------------------------------------------------------


@pytest.mark.parametrize("allowed", ["https", "http", "ssh"])
@pytest.mark.parametrize(
    "url", ["ext::touch MARK", "file://SERVED/u/small", "SERVED/u/small", "fd::17", "git://127.0.0.1:9/x"]
)
async def test_only_the_one_transport_runs(remote: GitRemote, mark: Path, url: str, allowed: str) -> None:
    remote.publish(small())
    evil = url.replace("MARK", str(mark)).replace("SERVED", str(remote.server.root))
    with pytest.raises(UpstreamUnavailable, match="not allowed"):
        await reached_by(remote, GitAccess(evil, allowed)).refs()


async def test_a_redirect_is_not_followed_and_takes_no_secret_along(
    remote: GitRemote, tmp_path: Path
) -> None:
    remote.publish(small())
    remote.config = (("http.extraHeader", f"Authorization: {basic('u', SECRET)}"),)
    with git_server(tmp_path / "served") as elsewhere:
        remote.server.location = elsewhere.url
        with pytest.raises(UpstreamUnavailable, match="redirects"):
            await remote.open("u/small").refs()
    assert elsewhere.requests == []


async def test_alternates_of_a_server_of_files_are_not_followed(remote: GitRemote, tmp_path: Path) -> None:
    history = small()
    with git_server(tmp_path / "served") as elsewhere:
        remote.publish_as_files(history)
        served = remote.server.root / "u/small/objects"
        (served / "info" / "http-alternates").write_text(f"{elsewhere.url}/u/small/objects\n")
        (served / "info" / "alternates").write_text(f"{elsewhere.url}/u/small/objects\n")
        for pack in (served / "pack").iterdir():
            pack.unlink()
        (served / "info" / "packs").write_text("\n")
        with pytest.raises(UpstreamError):
            await remote.open("u/small").commit(remote.id_of(history.tip))
    assert elsewhere.requests == []


async def test_a_secret_is_in_no_argument_error_or_file(remote: GitRemote) -> None:
    remote.publish(small())
    remote.limits = RepositoryLimits(background_timeout=1.5)
    header = basic("user", SECRET)
    remote.server.authorization = header
    remote.config = (("http.extraHeader", f"Authorization: {header}"),)
    repository = remote.open("u/small")
    tip = (await repository.refs()).head
    remote.server.hang_after = 100
    seen = asyncio.create_task(repository.commit(tip))
    await asyncio.to_thread(remote.server.hanging.wait, 10)
    arguments = arguments_with(remote.server.url)
    assert b"git-remote-http" in arguments
    hidden = header.removeprefix("Basic ").encode()
    assert hidden not in arguments
    seen.cancel()
    remote.server.hang_after = -1
    remote.server.status_of_packs = 500
    with pytest.raises(UpstreamError) as caught:
        await remote.open("u/small").tags_before(tip)
    assert hidden.decode() not in repr(caught.value) + caught.value.reason
    assert not [path for path in kept_files(remote) if hidden in path.read_bytes()]


async def test_a_repository_without_its_key_is_not_there(remote: GitRemote) -> None:
    remote.publish(small())
    remote.server.authorization = basic("user", SECRET)
    with pytest.raises(NotExist):
        await remote.open("u/small").refs()
    remote.config = (("http.extraHeader", f"Authorization: {basic('user', 'wrong')}"),)
    with pytest.raises(NotExist):
        await remote.open("u/small").refs()


async def test_no_prompt_no_helper_no_netrc_is_asked(
    remote: GitRemote, tmp_path: Path, mark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.publish(small())
    remote.server.authorization = basic("user", SECRET)
    (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login user password {SECRET}\n")
    (tmp_path / ".gitconfig").write_text(f"[credential]\n\thelper = !touch {mark}\n")
    for name, value in (
        ("HOME", str(tmp_path)),
        ("GIT_ASKPASS", f"touch {mark}"),
        ("GIT_SSH_COMMAND", f"touch {mark}"),
        ("GIT_CONFIG_PARAMETERS", f"'credential.helper=!touch {mark}'"),
        ("GIT_TRACE", str(mark)),
        ("GIT_EXEC_PATH", str(tmp_path)),
        ("LD_PRELOAD", ""),
    ):
        monkeypatch.setenv(name, value)
    with pytest.raises(NotExist):
        await remote.open("u/small").refs()


# --- servers that hang, lie or say too much ------------------------------------------------------


@pytest.mark.parametrize("after", [0, 20, 200])
async def test_a_server_that_hangs_in_a_pack_is_left_in_time(remote: GitRemote, after: int) -> None:
    remote.publish(small())
    remote.limits = RepositoryLimits(timeout=20.0, background_timeout=1.0)
    repository = remote.open("u/small")
    refs = await repository.refs()
    remote.server.hang_after = after
    started = time.monotonic()
    with pytest.raises(UpstreamTimeout):
        await repository.commit(refs.head)
    assert time.monotonic() - started < 10
    assert await none_left(remote.server.url)
    remote.server.hang_after = -1
    assert await repository.commit(refs.head) is not None


async def test_a_pack_that_is_cut_short_leaves_nothing_behind(remote: GitRemote) -> None:
    history = FIXTURES["u/ret"]()
    remote.publish(history)
    repository = remote.open("u/ret")
    for after in (0, 50, 150, 300):
        remote.server.cut_after = after
        with pytest.raises(UpstreamUnavailable):
            await repository.tags_before(remote.id_of(history.tip))
    remote.server.cut_after = -1
    assert len(await repository.tags_before(remote.id_of(history.tip))) == 3
    assert not [path for path in kept_files(remote) if "tmp_" in path.name or path.suffix == ".lock"]


FETCHES = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.fakes.git_http import GitServer
from tests.fakes.git_remote import GitRemote

async def main():
    remote = GitRemote(GitServer(Path("none"), sys.argv[2]), Path(sys.argv[3]))
    await remote.open("u/ret").tags_before(sys.argv[4])

asyncio.run(main())
"""


@pytest.mark.parametrize("after", [0, 60, 250])
async def test_a_mirror_killed_in_a_fetch_leaves_a_repository_that_works(
    remote: GitRemote, after: int
) -> None:
    history = FIXTURES["u/ret"]()
    remote.publish(history)
    tip = remote.id_of(history.tip)
    remote.server.hang_after = after
    words = [sys.executable, "-c", FETCHES, str(ROOT), remote.server.url, str(remote.folder), tip]
    killed = await asyncio.create_subprocess_exec(*words)
    assert await asyncio.to_thread(remote.server.hanging.wait, 20)
    # Its git waits for the server, and holds the lock. While its mirror lives nobody else ends it; after
    # that the next mirror of this machine does, which may be that of another test.
    assert set(with_word(remote.server.url)) > {killed.pid}
    killed.kill()
    await killed.wait()
    remote.restart()
    assert await none_left(remote.server.url)
    remote.server.hang_after = -1
    assert len(await remote.open("u/ret").tags_before(tip)) == 3
    assert not [path for path in kept_files(remote) if "tmp_" in path.name or path.suffix == ".lock"]


def packet(data: bytes) -> bytes:
    return b"%04x%s" % (len(data) + 4, data)


def advertisement(names: list[str], capabilities: bytes = b"") -> bytes:
    """Say what names point at, in version 0 of the protocol."""
    lines = [f"{number:040x} {name}".encode() for number, name in enumerate(names, 1)]
    first = lines[0] + b"\0" + capabilities + b"\n"
    rest = b"".join(packet(line + b"\n") for line in lines[1:])
    return packet(b"# service=git-upload-pack\n") + b"0000" + packet(first) + rest + b"0000"


@pytest.mark.parametrize(
    ("prefix", "count", "words"),
    [
        ("refs/pull/", MAX_LINES + 10, f"more than {MAX_LINES} names"),
        ("refs/tags/v", MAX_NAMES + 10, f"more than {MAX_NAMES} branches"),
    ],
)
async def test_a_million_names_are_refused(remote: GitRemote, prefix: str, count: int, words: str) -> None:
    remote.server.listing = advertisement([f"{prefix}{number}" for number in range(count)])
    with pytest.raises(UpstreamBadAnswer, match=words):
        await remote.open("u/many").refs()
    assert await none_left(remote.server.url)


@pytest.mark.parametrize(
    "listing",
    [
        b"",
        b"<html>not git</html>",
        b"zzzz",
        b"fffe" + b"x" * 10,
        packet(b"# service=git-upload-pack\n") + b"0000" + packet(b"ERR go away\n"),
        packet(b"# service=git-upload-pack\n") + b"0000" + packet(b"nonsense\n") + b"0000",
    ],
)
async def test_an_answer_that_is_not_gits_is_an_error(remote: GitRemote, listing: bytes) -> None:
    remote.server.listing = listing
    with pytest.raises(Error):
        await remote.open("u/odd").refs()


async def test_names_that_git_would_not_store_are_left_out(remote: GitRemote) -> None:
    evil = [
        "refs/heads/../../config",
        "refs/tags/a..b",
        "refs/tags/x.lock",
        "refs/heads/a\\b",
        "refs/tags/v1",
    ]
    remote.server.listing = advertisement(["HEAD", *evil, "refs/tags/v1"])
    refs = await remote.open("u/odd").refs()
    assert (list(refs.branches), list(refs.tags)) == ([], ["v1"])


def huge_blob(commit: str) -> bytes:
    """A pack whose one object says that it has ten gigabytes, as an answer to a shallow fetch."""
    pack = b"PACK" + struct.pack(">II", 2, 1) + pack_header("blob", 10 << 30)
    pack += zlib.compress(bytes(1 << 20))[:-6]
    shallow = packet(b"shallow-info\n") + packet(b"shallow " + commit.encode() + b"\n") + b"0001"
    sent = b"".join(packet(b"\x01" + pack[at : at + 60_000]) for at in range(0, len(pack), 60_000))
    return shallow + packet(b"packfile\n") + sent + b"0000"


async def test_a_blob_that_claims_ten_gigabytes_takes_neither_memory_nor_disk(remote: GitRemote) -> None:
    history = small()
    remote.publish(history)
    remote.server.pack = huge_blob(remote.id_of(history.tip))
    with pytest.raises(UpstreamError):
        await remote.open("u/small").commit(remote.id_of(history.tip))
    assert sum(path.stat().st_size for path in kept_files(remote)) < 1 << 20


async def test_a_repository_larger_than_the_space_is_refused(remote: GitRemote) -> None:
    history = History("u/large")
    history.write({"noise": secrets.token_bytes(3 << 20)})
    history.commit("one")
    remote.publish(history)
    remote.max_bytes = 1 << 20
    remote.restart()
    with pytest.raises(UpstreamBadAnswer, match="larger than all the space"):
        await remote.open("u/large").commit(remote.id_of(history.tip))
    assert sum(path.stat().st_size for path in kept_files(remote)) < 1 << 20


# --- what is in a repository ---------------------------------------------------------------------


def written(remote: GitRemote, name: str, objects: GitObjects, tree: str, branch: str = "main") -> str:
    """Publish one commit of a tree, however it was made."""
    lines = f"tree {tree}\nauthor a <a@x> 1 +0000\ncommitter c <c@x> 1577836800 +0000\n\nm\n"
    commit = objects.add("commit", lines.encode())
    objects.write(remote.server.root / name, {f"refs/heads/{branch}": commit})
    return commit


async def test_a_tree_that_multiplies_is_cut_off(remote: GitRemote) -> None:
    objects = GitObjects()
    inner = objects.add("blob", b"x" * 1000)
    kind = "100644"
    for _ in range(12):
        inner = objects.raw_tree((kind, b"%d" % number, inner) for number in range(10))
        kind = "40000"
    commit = written(remote, "u/bomb", objects, inner)
    remote.limits = replace(remote.limits, background_timeout=60.0)
    repository, started = remote.open("u/bomb"), time.monotonic()
    assert await repository.read(commit, "0/0/go.mod", LIMIT) is None
    with pytest.raises(NotExist, match="more than 1000000 files"):
        await untar(repository, commit)
    assert time.monotonic() - started < 30
    assert await none_left(str(remote.folder))


async def test_names_in_trees_lead_nowhere(remote: GitRemote, tmp_path: Path) -> None:
    objects = GitObjects()
    blob = objects.add("blob", b"[core]\n\thooksPath = /tmp\n")
    hooks = objects.raw_tree([("100755", b"post-checkout", blob), ("100755", b"update", blob)])
    entries = [
        ("100644", b"../escaped", blob),
        ("40000", b".git", hooks),
        ("120000", b"out", objects.add("blob", b"/")),
    ]
    commit = written(remote, "u/evil", objects, objects.raw_tree(entries))
    repository = remote.open("u/evil")
    assert await repository.read(commit, "../escaped", LIMIT) is None
    assert await repository.read(commit, "out/etc/passwd", LIMIT) is None
    with pytest.raises(NotExist, match="name that git does not accept"):
        await untar(repository, commit)
    assert named(tmp_path, "escaped", "post-checkout") == []


async def test_submodules_are_not_fetched(remote: GitRemote, tmp_path: Path) -> None:
    with git_server(tmp_path / "served") as elsewhere:
        history = FIXTURES["u/nest"]()
        history.write(
            {".gitmodules": f'[submodule "third"]\n\tpath = third\n\turl = {elsewhere.url}/u/dep\r\n'}
        )
        change = history.commit("elsewhere")
        remote.publish(history)
        files = await untar(remote.open("u/nest"), remote.id_of(change))
    assert "third" not in files
    assert elsewhere.requests == []


@pytest.mark.parametrize(
    "attributes",
    [
        "* filter=evil diff=evil merge=evil\n[attr]evil filter=evil\n",
        "*.txt export-subst export-ignore\n",
        "*.txt working-tree-encoding=NO-SUCH-ENCODING\n",
        "*.txt " + "a" * 100_000 + "\n",
        "".join(f"*.txt attr{number}\n" for number in range(200_000)),
        "*.txt text eol=crlf ident " + "x" * 2000 + "\n",
    ],
    ids=["filters", "export", "encoding", "long line", "many lines", "nearly long line"],
)
async def test_attributes_run_nothing_and_end(remote: GitRemote, attributes: str) -> None:
    history = History("u/attributes")
    history.write({".gitattributes": attributes, "f.txt": "$Format:%<(2147483647)%H$\n$Id$\n"})
    history.commit("one")
    remote.publish(history)
    files = await untar(remote.open("u/attributes"), remote.id_of(history.tip))
    assert (
        b"$Format:%<(2147483647)%H$" in bytes(files["f.txt"], "ascii")
        if isinstance(files["f.txt"], str)
        else files["f.txt"]
    )


async def test_a_commit_whose_time_is_nonsense_is_an_error(remote: GitRemote) -> None:
    objects = GitObjects()
    tree = objects.raw_tree([])
    text = f"tree {tree}\nauthor a <a@x> 1 +0000\ncommitter c <c@x> 99999999999999999 +0000\n\nm\n"
    commit = objects.add("commit", text.encode())
    objects.write(remote.server.root / "u/time", {"refs/heads/main": commit})
    with pytest.raises(UpstreamBadAnswer, match="no time"):
        await remote.open("u/time").commit(commit)


async def test_nothing_of_a_repository_is_configuration_of_the_kept_one(
    remote: GitRemote, mark: Path
) -> None:
    history = small()
    history.write(
        {"config": f"[core]\n\tfsmonitor = touch {mark}\n", "hooks/post-update": f"touch {mark}\n"}
    )
    history.commit("evil")
    remote.publish(history)
    hooks = remote.server.root / "u/small/hooks"
    hooks.mkdir()
    repository = remote.open("u/small")
    await repository.tags_before(remote.id_of(history.tip))
    (kept,) = (path for path in remote.folder.iterdir() if path.is_dir())
    assert named(kept, "hooks") == []
    assert "url" not in (kept / "config").read_text()
