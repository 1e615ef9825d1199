"""Servers and repositories of hg, svn and fossil that mean harm, and what is left of it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from modmirror.errors import (
    Denied,
    Error,
    NotExist,
    UpstreamBadAnswer,
    UpstreamError,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from modmirror.origin.access.route import RouteAccess, RouteRules
from modmirror.origin.limits import RepositoryLimits
from modmirror.origin.network.guard import AddressGuard
from tests.contract.repository_suite import LIMIT, small, untar
from tests.fakes.fossil_server import FossilRemote, fossil_server
from tests.fakes.git_http import basic
from tests.fakes.hg_http import HgRemote, hg_server
from tests.fakes.history import History, day
from tests.fakes.processes import arguments_with, none_left
from tests.fakes.raw_server import http, raw_server
from tests.fakes.svn_history import SvnHistory, directory_node
from tests.fakes.svn_server import SvnRemote, svn_server
from tests.fakes.tls import write_ca
from tests.fakes.tunnels import tls_front

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from modmirror.origin.network.guard import Endpoint

Remote: TypeAlias = HgRemote | SvnRemote | FossilRemote

SYSTEMS = ("hg", "svn", "fossil")
SECRET = "s3cr3t-pass-word"
LIMITS = RepositoryLimits(timeout=20.0, background_timeout=20.0)
SHORT = RepositoryLimits(timeout=3.0, background_timeout=3.0)
"""Enough for a tool to start and to ask, on a busy machine too."""
BOUNDED = 10.0
"""Seconds after which something that was to end in three must have ended."""


@pytest.fixture
def mark(tmp_path: Path) -> Iterator[Path]:
    """Return a file that nothing may create."""
    yield tmp_path / "MARK"
    assert not (tmp_path / "MARK").exists()


@pytest.fixture
def hg(tmp_path: Path) -> Iterator[HgRemote]:
    with hg_server(tmp_path / "served") as server:
        yield HgRemote(server, tmp_path / "kept", LIMITS)


@pytest.fixture
def svn(tmp_path: Path) -> Iterator[SvnRemote]:
    with svn_server(tmp_path / "served") as server:
        yield SvnRemote(server, tmp_path / "kept", LIMITS)


@pytest.fixture
def fossil(tmp_path: Path) -> Iterator[FossilRemote]:
    with fossil_server(tmp_path / "served") as server:
        yield FossilRemote(server, tmp_path / "kept", LIMITS)


@pytest.fixture(params=SYSTEMS)
def remote(request: pytest.FixtureRequest) -> Remote:
    found: Remote = request.getfixturevalue(request.param)
    return found


def endpoints(url: str) -> tuple[Endpoint, ...]:
    """Return what a guard would say of a server on loopback."""
    return (("127.0.0.1", int(url.rpartition(":")[2].partition("/")[0])),)


def kept_files(remote: Remote) -> Iterator[Path]:
    return (path for path in remote.folder.rglob("*") if path.is_file())


# --- words that a tool could take for more than they are -----------------------------------------

OPTIONS = (
    "--config=hooks.pre-log=touch MARK",
    "--config=alias.archive=!touch MARK",
    "--output=MARK",
    "-RMARK",
    "--ssh-command=touch MARK",
)


async def test_no_word_of_a_caller_is_an_option(remote: Remote, mark: Path) -> None:
    remote.publish(small())
    repository = remote.open("u/small")
    head = (await repository.refs()).head
    for word in OPTIONS:
        evil = word.replace("MARK", str(mark))
        assert await repository.commit(evil) is None
        assert await repository.find(evil) is None
        assert await repository.read(head, evil, LIMIT) is None
        assert await untar(repository, head, evil) == {}
        for question in (repository.read(evil, "go.mod", LIMIT), repository.tags_before(evil)):
            with pytest.raises(NotExist):
                await question


REVISIONS = {
    "hg": ("tip", ".", "0", "-1", "null", "all()", "::tip", "main", "v1.0.0", "file('set:**')", "ff" * 20),
    "svn": ("HEAD", "BASE", "PREV", "{2030-01-01}", "0", "2:HEAD", "r2", "-1", "٢", "9" * 30),
    "fossil": ("trunk", "tip", "main", "v1.0.0", "root:trunk", "2030-01-01", "' OR 1=1 --", "*", "rid:1"),
}


@pytest.mark.parametrize("system", SYSTEMS)
async def test_revisions_other_than_ids_mean_nothing(request: pytest.FixtureRequest, system: str) -> None:
    remote: Remote = request.getfixturevalue(system)
    remote.publish(small())
    repository = remote.open("u/small")
    for revision in REVISIONS[system]:
        assert await repository.commit(revision) is None
        assert await repository.find(revision) is None
        with pytest.raises(NotExist):
            await repository.read(revision, "go.mod", LIMIT)
        with pytest.raises(NotExist):
            await untar(repository, revision)


PATHS = {
    "hg": ("set:all()", "glob:*", "re:.*", "listfile:/etc/passwd", "include:/etc/passwd", "path:go.mod"),
    "svn": ("go.mod@HEAD", "go.mod@2", "%67o.mod", "../tags/v1.0.0/go.mod", "go.mod?p=2", "..@"),
    "fossil": ("*", "go.*", "'; ATTACH DATABASE 'MARK' AS x; --", ".dump", "a[b]*"),
}


@pytest.mark.parametrize("system", SYSTEMS)
async def test_a_path_is_a_name_and_no_pattern(
    request: pytest.FixtureRequest, mark: Path, system: str
) -> None:
    remote: Remote = request.getfixturevalue(system)
    remote.publish(small())
    repository = remote.open("u/small")
    head = (await repository.refs()).head
    for path in (*PATHS[system], "go.mod\nx", "go.mod\0x", "../x", "/"):
        evil = path.replace("MARK", str(mark))
        assert await repository.read(head, evil, LIMIT) is None
        assert await untar(repository, head, evil) == {}


async def test_names_of_the_remote_side_are_no_options(remote: Remote, mark: Path) -> None:
    history = small()
    history.tag("-x", "--all", f"--config=hooks.pre-pull=touch {mark.name}", "@HEAD")
    remote.publish(history)
    repository = remote.open("u/small")
    refs = await repository.refs()
    assert {"-x", "--all", "@HEAD"} <= set(refs.tags)
    for name in ("-x", "--all", "@HEAD"):
        assert await repository.commit(refs.tags[name]) is not None


# --- where a URL can lead ------------------------------------------------------------------------

URLS = (
    "--config=hooks.pre-clone=touch MARK",
    "--config=a://x",
    "-oProxyCommand=touch MARK",
    "ext::touch MARK",
    "fd::17/x",
    "SERVED/u/small",
    "bundle:SERVED/u/small",
    "union:SERVED/a+SERVED/b",
    "static-http://127.0.0.1/x",
    "svn+touch://127.0.0.1/x",
    "ssh://-oProxyCommand=touch MARK/x",
    "svn+ssh://-oProxyCommand=touch MARK/x/trunk",
    "ssh://127.0.0.1/$(touch MARK)",
    "ssh://127.0.0.1/x?fossil=touch MARK",
    "https://127.0.0.1\n[hooks]\npre-pull=touch MARK",
    "https://user:kept@127.0.0.1/x",
    "https://127.0.0.1/../x",
)


@pytest.mark.parametrize("url", URLS)
async def test_only_a_plain_url_of_a_known_transport_reaches_a_tool(
    remote: Remote, mark: Path, url: str
) -> None:
    evil = url.replace("MARK", str(mark)).replace("SERVED", str(remote.server.root))
    with pytest.raises(NotExist):
        await remote.open("u/small", url=evil).refs()


def access_of(address: str = "192.0.2.1") -> RouteAccess:
    """Return the rules of a route that opens nothing, where every name is at one address."""

    async def resolve(host: str, port: int) -> Sequence[Endpoint]:
        del host
        return [(address, port)]

    return RouteAccess(RouteRules(), AddressGuard(resolve))


@pytest.mark.parametrize(
    "url",
    [
        *URLS,
        "file:///srv/repository",
        "http://vcs.example.com/x",
        "svn://vcs.example.com/x/trunk",
        "ssh://vcs.example.com/x",
        "svn+ssh://vcs.example.com/x/trunk",
    ],
)
async def test_what_a_page_says_leads_over_https_only(url: str) -> None:
    with pytest.raises(NotExist):
        await access_of().vcs(url)


@pytest.mark.parametrize(
    "address", ["10.1.2.3", "127.0.0.1", "169.254.169.254", "fd00::1", "::1", "0.0.0.0"]
)
async def test_a_name_at_a_private_address_is_not_asked(address: str) -> None:
    with pytest.raises(Denied, match="where modules are not fetched from"):
        await access_of(address).vcs("https://vcs.example.com/x")


# --- redirects and other places ------------------------------------------------------------------

ELSEWHERE = (
    "http://10.1.2.3/x",
    "http://169.254.169.254/latest",
    "https://127.0.0.1:9/x",
    "file:///etc/passwd",
)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("there", [*ELSEWHERE, "http://OTHER/x", "ftp://OTHER/x", "svn://OTHER/x"])
async def test_a_redirect_leads_nowhere_else_and_takes_no_secret_along(
    request: pytest.FixtureRequest, system: str, there: str
) -> None:
    remote: Remote = request.getfixturevalue(system)
    with raw_server(lambda _: http("404 no")) as other, raw_server(lambda _: http("500 no")) as server:
        location = there.replace("OTHER", f"127.0.0.1:{other.port}")
        server.answer = lambda _: http("302 there", f"Location: {location}")
        url = f"http://127.0.0.1:{server.port}/x"
        access = {"endpoints": endpoints(url), "username": "u", "password": SECRET}
        with pytest.raises(Error) as caught:
            await remote.open("u/small", url=url, **access).refs()
        assert server.heard
        assert not other.connected.is_set()
    assert SECRET not in repr(caught.value)
    assert await none_left(url)


async def test_hg_takes_nothing_from_where_clone_bundles_are_said_to_be(hg: HgRemote) -> None:
    hg.publish(small())
    with raw_server(lambda _: http("404 no")) as elsewhere:
        hg.server.manifest = f"http://127.0.0.1:{elsewhere.port}/all.hg BUNDLESPEC=gzip-v2\n"
        assert (await hg.open("u/small").refs()).tags
    assert not elsewhere.connected.is_set()
    assert not [each for each in hg.server.asked if "clonebundles" in each]


async def test_subrepositories_of_hg_are_not_fetched(hg: HgRemote, mark: Path) -> None:
    history = small()
    with raw_server(lambda _: http("404 no")) as elsewhere:
        place = f"http://127.0.0.1:{elsewhere.port}/x"
        kinds = {"plain": "", "hg": "[hg]", "git": "[git]", "svn": "[svn]"}
        subs = [
            f"{name} = {kind}{place}\next-{name} = {kind}ext::touch {mark}\n"
            for name, kind in kinds.items()
        ]
        states = [f"{'a' * 40} {each.partition(' ')[0]}\n" for each in "".join(subs).splitlines()]
        history.write({".hgsub": "".join(subs), ".hgsubstate": "".join(states)})
        history.commit("nested")
        hg.publish(history)
        repository = hg.open("u/small")
        head = hg.id_of(history.tip)
        files = await untar(repository, head)
        assert await repository.read(head, "plain/go.mod", LIMIT) is None
    assert "go.mod" in files
    assert not elsewhere.connected.is_set()


async def test_externals_of_svn_are_not_fetched(svn: SvnRemote, tmp_path: Path) -> None:
    history = small()
    with svn_server(tmp_path / "elsewhere") as elsewhere:
        written = SvnHistory(history)
        numbers: list[int] = []

        class Nested(SvnHistory):
            def _dump(self) -> Iterator[bytes]:
                revisions = list(super()._dump())
                properties = {"svn:externals": f"{elsewhere.url}/x outside\n^/tags inside\n"}
                numbers.append(self.revise(day(9), directory_node("trunk", properties)))
                return iter([*revisions, self._revisions[-1]])

        written = Nested(history)
        svn.load(written)
        files = await untar(svn.open("u/small"), str(numbers[0]))
    assert "go.mod" in files
    assert not [name for name in files if name.startswith(("outside", "inside"))]
    assert elsewhere.connections == 0


# --- what is configured elsewhere ----------------------------------------------------------------


async def test_no_configuration_of_a_user_is_read(
    remote: Remote, tmp_path: Path, mark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / ".subversion").mkdir(parents=True)
    hooks = "".join(
        f"{when}-{verb} = touch {mark}\n" for when in ("pre", "post") for verb in ("pull", "log")
    )
    (home / ".hgrc").write_text(f"[hooks]\n{hooks}[alias]\nlog = !touch {mark}\n")
    (home / ".subversion" / "config").write_text(
        f"[tunnels]\nssh = touch {mark}\n[helpers]\ndiff-cmd = x\n"
    )
    for name, value in (
        ("HOME", str(home)),
        ("HGRCPATH", str(home / ".hgrc")),
        ("HGPREPEND", f"touch {mark}"),
        ("SVN_SSH", f"touch {mark}"),
        ("FOSSIL_HOME", str(home)),
        ("http_proxy", "http://127.0.0.1:9"),
        ("PYTHONPATH", str(home)),
    ):
        monkeypatch.setenv(name, value)
    remote.publish(small())
    assert (await remote.open("u/small").refs()).tags
    assert not list(home.glob(".fossil*"))


async def test_nothing_in_the_kept_clone_of_hg_is_configuration(hg: HgRemote, mark: Path) -> None:
    hg.publish(small())
    repository = hg.open("u/small")
    await repository.refs()
    (clone,) = hg.folder.rglob(".hg")
    (clone / "hgrc").write_text(f"[hooks]\npre-log = touch {mark}\npre-pull = touch {mark}\n")
    hg.pass_a_minute()
    assert (await repository.refs()).tags


# --- servers that hang or lie --------------------------------------------------------------------

SCHEMES = {"hg": "http", "svn": "svn", "fossil": "http"}


@pytest.mark.parametrize("system", SYSTEMS)
async def test_a_server_that_hangs_is_left_in_time(request: pytest.FixtureRequest, system: str) -> None:
    remote: Remote = request.getfixturevalue(system)
    remote.limits = SHORT
    with raw_server(lambda _: None) as server:
        url = f"{SCHEMES[system]}://127.0.0.1:{server.port}/x"
        started = time.monotonic()
        with pytest.raises(UpstreamTimeout, match="did not finish within 3 seconds"):
            await remote.open("u/small", url=url, endpoints=endpoints(url)).refs()
        assert time.monotonic() - started < BOUNDED
        assert server.connected.is_set()
    assert await none_left(url)
    assert await none_left(str(remote.folder))


LIES = (
    b"<html>not here</html>",
    b"( success ( 9 9 ( ) ( ) ) ) ",
    b"\0" * 100_000,
    http(
        "200 OK", "Content-Type: application/mercurial-0.1", body="lookup branchmap pushkey known getbundle"
    ),
    http("200 OK", "Content-Type: application/x-fossil", body="x" * 1000),
    http("200 OK", "Content-Type: text/html", body="<html><body>hello</body></html>"),
    http("200 OK", "Content-Type: text/xml", body="<?xml version='1.0'?><a><b>"),
)


@pytest.mark.parametrize("system", SYSTEMS)
async def test_an_answer_that_is_nonsense_is_an_error(request: pytest.FixtureRequest, system: str) -> None:
    remote: Remote = request.getfixturevalue(system)
    with raw_server(lambda _: None) as server:
        url = f"{SCHEMES[system]}://127.0.0.1:{server.port}/x"
        for lie in LIES:
            server.answer = lambda _, lie=lie: lie  # type: ignore[misc]  # no name for such a function
            server.greeting = lie if system == "svn" else b""
            with pytest.raises(Error) as caught:
                await remote.open("u/small", url=url, endpoints=endpoints(url)).refs()
            assert isinstance(caught.value, UpstreamUnavailable | UpstreamBadAnswer | NotExist)
        assert server.connected.is_set()
    assert await none_left(str(remote.folder))


async def test_nonsense_over_http_is_an_error_for_svn_too(svn: SvnRemote) -> None:
    with raw_server(lambda _: LIES[-1]) as server:
        url = f"http://127.0.0.1:{server.port}/x"
        with pytest.raises(NotExist):
            await svn.open("u/small", url=url, endpoints=endpoints(url)).refs()
        assert server.heard


# --- how much there may be -----------------------------------------------------------------------


@pytest.mark.parametrize(("many", "size"), [(1, 3_000_000), (600, 1)], ids=["large", "many"])
async def test_an_archive_is_cut_off_at_its_limit(remote: Remote, many: int, size: int) -> None:
    history = History("u/large")
    history.write({f"d{number % 9}/f{number}": bytes(size) for number in range(many)})
    history.commit("zeros, which weigh nothing on the way")
    remote.publish(history)
    remote.limits = replace(LIMITS, archive_bytes=1 << 18)
    repository = remote.open("u/large")
    head = (await repository.refs()).head
    with pytest.raises(UpstreamBadAnswer):
        await untar(repository, head)
    assert await none_left(str(remote.folder))
    assert sum(path.stat().st_size for path in kept_files(remote)) < 4 << 20


# --- secrets and certificates --------------------------------------------------------------------


@pytest.mark.parametrize("system", SYSTEMS)
async def test_a_password_is_in_no_argument_error_or_file(
    request: pytest.FixtureRequest, system: str
) -> None:
    remote: Remote = request.getfixturevalue(system)
    remote.limits = replace(LIMITS, timeout=3.0, background_timeout=3.0)
    header = basic("reader", SECRET)
    denied = http("401 who", 'WWW-Authenticate: Basic realm="r"', "DAV: 1,2")
    with raw_server(lambda heard: None if header.encode() in heard else denied) as server:
        url = f"http://127.0.0.1:{server.port}/x"
        repository = remote.open("u/small", url=url, username="reader", password=SECRET)
        asking = asyncio.create_task(repository.refs())
        assert await asyncio.to_thread(
            server.waiting.wait if system != "fossil" else server.connected.wait, 10
        )
        words = arguments_with(str(remote.folder) if system != "hg" else "modmirror-hgrc")
        with pytest.raises(Error) as caught:
            await asking
        sent = [heard for heard in server.heard if header.encode() in heard]
        assert bool(sent) == (system != "fossil")
    hidden = (SECRET, header.removeprefix("Basic "))
    assert not [each for each in hidden if each in repr(caught.value) or each.encode() in words]
    assert not [
        path for path in kept_files(remote) for each in hidden if each.encode() in path.read_bytes()
    ]


@pytest.mark.parametrize("system", ["hg", "fossil"])
async def test_only_a_trusted_certificate_is_believed(
    request: pytest.FixtureRequest, system: str, tmp_path: Path
) -> None:
    remote: HgRemote | FossilRemote = request.getfixturevalue(system)
    remote.publish(small())
    port = int(remote.server.url.rpartition(":")[2])
    ca_file = str(write_ca(tmp_path))
    with tls_front(port, "vcs.test") as front:
        there = endpoints(f"x:{front}")
        for host, trusted in (("vcs.test", ""), ("other.test", ca_file)):
            url = f"https://{host}:{front}/u/small"
            with pytest.raises(UpstreamError, match="(?i)certificate"):
                await remote.open("u/small", url=url, endpoints=there, ca_file=trusted).refs()
        url = f"https://vcs.test:{front}/u/small"
        assert (await remote.open("u/small", url=url, endpoints=there, ca_file=ca_file).refs()).tags


async def test_svn_believes_no_certificate_that_is_not_trusted(svn: SvnRemote) -> None:
    with raw_server(lambda _: http("200 OK")) as server, tls_front(server.port) as front:
        url = f"https://127.0.0.1:{front}/x"
        with pytest.raises(UpstreamError, match="(?i)certificate"):
            await svn.open("u/small", url=url, endpoints=endpoints(url)).refs()
        assert server.heard == []
