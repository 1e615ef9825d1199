"""Modules kept with Mercurial, Subversion and Fossil, under names of their own."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.fakes.fossil_history import FossilHistory
from tests.fakes.fossil_server import fossil_server
from tests.fakes.hg_history import HgHistory
from tests.fakes.hg_http import HG_SEARCH_PATH, HgServer, hg_server
from tests.fakes.history import History, day
from tests.fakes.svn_history import SvnHistory
from tests.fakes.svn_server import svn_server
from tests.fakes.tls import write_ca
from tests.fakes.tunnels import connect_proxy
from tests.fakes.websites import Websites, resolving, websites

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.e2e.mirror import Table, Tables

NAMES = ("hg.test", "svn.test", "fossil.test", "evil.test")
USER, SECRET = "reader", "kept-to-itself-5c1e"


@dataclass
class Others:
    """The pages of all modules, and the servers of those systems that a test asked for."""

    folder: Path
    sites: Websites
    proxy: str
    """Leads whoever uses it for https to the pages."""
    servers: dict[str, str] = field(default_factory=dict)
    """Base URL by system, without TLS."""
    hg: HgServer | None = None

    def environ(self) -> Mapping[str, str]:
        """Variables for a mirror that is to find the names of this world."""
        names = dict.fromkeys(NAMES, self.sites.port)
        return {**resolving(self.folder / "names", names), "CORP_SECRET": SECRET}

    def settings(self) -> Mapping[str, str]:
        """Variables for a go command in direct mode that is to find the same names."""
        return {
            "GOVCS": "*:all",
            "HTTPS_PROXY": self.proxy,
            "SSL_CERT_FILE": str(write_ca(self.folder)),
            "USER": "u",
        }

    def config(self, *access: Table, **route: object) -> Tables:
        """A mirror of private modules that may use ``access``."""
        defaults = {
            "match": ["*"],
            "from": ["direct"],
            "sumdb": "off",
            "private_networks": ["loopback"],
            "access": [each["name"] for each in access],
        }
        return {
            "route": [defaults | route],
            "access": list(access),
            "http": {"ca_file": str(write_ca(self.folder))},
            "origin": {"search_path": HG_SEARCH_PATH},
        }

    def publish(self, history: History, vcs: str) -> str:
        """Put a repository on the server of a system, and return its URL."""
        root = self.folder / vcs
        match vcs:
            case "hg":
                HgHistory(history).write(root / history.name)
            case "svn":
                SvnHistory(history).write(root / history.name)
                return f"{self.servers[vcs]}/{history.name}/trunk"
            case _:
                FossilHistory(history).write(root / f"{history.name}.fossil")
        return f"{self.servers[vcs]}/{history.name}"

    def module(self, vcs: str) -> str:
        """Publish a module of some versions, with a page that leads to it, and return its path."""
        path = f"{vcs}.test/greet"
        tag = f"{path} {vcs} {self.publish(greet(path), vcs)}"
        for page in (path, f"{path}/inner"):
            self.sites.go_import(page, tag)
        return path


@contextmanager
def others(folder: Path, *systems: str) -> Iterator[Others]:
    """Run the servers of some systems; skip the test where one of them cannot run."""
    with ExitStack() as stack:
        sites = stack.enter_context(websites(*NAMES))
        proxy = stack.enter_context(connect_proxy(dict.fromkeys(NAMES, sites.port)))
        world = Others(folder, sites, proxy)
        for vcs in systems:
            match vcs:
                case "hg":
                    world.hg = stack.enter_context(hg_server(folder / vcs))
                    world.servers[vcs] = world.hg.url
                case "svn":
                    world.servers[vcs] = stack.enter_context(svn_server(folder / vcs)).url
                case _:
                    world.servers[vcs] = stack.enter_context(fossil_server(folder / vcs)).url
        yield world


def greet(path: str) -> History:
    """Return a module with two tagged versions, a newer commit, a branch and a second module inside."""
    history = History("greet")
    history.write({"LICENSE": "as you like\n", "crlf.txt": b"a\r\nb\r\n", "id.txt": "$Id$ $Rev$\n"})
    for number, word in enumerate(("hello", "good day", "good evening"), 1):
        history.write({"go.mod": f"module {path}\n\ngo 1.22\n", "greet.go": _source(word)})
        history.write({"inner/go.mod": f"module {path}/inner\n", "inner/inner.go": "package inner\n"})
        history.commit(word, day(number))
        if number < 3:
            history.tag(f"v1.{number - 1}.0")
    history.switch("dev")
    history.write({"greet.go": _source("good night")})
    history.commit("good night", day(4))
    history.switch(history.head)
    return history


def _source(word: str) -> str:
    return (
        f'package greet\n\n// Word is in words of its own time.\nfunc Word() string {{ return "{word}" }}\n'
    )
