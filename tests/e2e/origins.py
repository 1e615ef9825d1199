"""Public and private repositories under names of their own, for mirrors with ``direct``.

``pub.test`` has open modules. ``corp.test`` has pages that anyone may read, and its repositories are on
``git.corp.test``, behind a key. Nothing of it is known to the system's resolver.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fakes.git_http import GitServer, basic, git_server
from tests.fakes.git_pack import write_git
from tests.fakes.gomodules import GoModules
from tests.fakes.history import History
from tests.fakes.tls import write_ca
from tests.fakes.websites import Answer, Websites, resolving, websites

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.e2e.mirror import MirrorProcess, Table, Tables

USER, SECRET = "reader", "kept-to-itself-5c1e"
SECRETS = (SECRET, basic(USER, SECRET).removeprefix("Basic "))
"""The password as it is written down, and as it is sent."""
GREET, BILLING, TOOL, ROOT = "pub.test/greet", "corp.test/billing", "corp.test/tool", "corp.test/root"
VERSION = "v1.0.0"
CORP = ("corp.test",)
LOOKALIKE = "git.corp.test.evil.test"
NAMES = (
    "pub.test",
    "git.pub.test",
    "corp.test",
    "git.corp.test",
    "proxy.corp.test",
    "evil.test",
    LOOKALIKE,
)


@dataclass
class Origins:
    """All servers of this world."""

    folder: Path
    sites: Websites
    public: GitServer
    private: GitServer
    lookalike: GitServer
    """Open to anyone, and so glad of any key; redirects lead here."""

    @property
    def git(self) -> str:
        """Base URL of the private repositories."""
        return named(self.private, "git.corp.test")

    def environ(self, **further: str) -> Mapping[str, str]:
        """Variables for a mirror that is to find the names of this world."""
        names = dict.fromkeys(NAMES, self.sites.port)
        return {**resolving(self.folder / "names", names), "CORP_SECRET": SECRET, **further}

    def config(self, access: Table | None = None, **private: Any) -> Tables:
        """A mirror with a private route, which may use ``access``, and a public one that may not."""
        key = access or {"kind": "password", "username": USER, "secret_env": "CORP_SECRET", "url": self.git}
        mine = {"match": list(CORP), "sumdb": "off", "access": ["corp"], **private}
        routes = [mine, {"match": ["*"], "sumdb": "off"}]
        return {
            "route": [{"from": ["direct"], "private_networks": ["loopback"], **route} for route in routes],
            "access": [{"name": "corp", **key}],
            "http": {"ca_file": str(write_ca(self.folder))},
        }

    def publish(self, server: GitServer, name: str, files: Mapping[str, str], *tags: str) -> History:
        """Put a repository of one commit on a server."""
        history = History(name)
        history.write(files)
        history.commit("all of it")
        history.tag(*tags)
        write_git(history, server.root / name)
        return history


def named(server: GitServer, name: str) -> str:
    """Return the base URL of a git server under another name."""
    return server.url.replace("127.0.0.1", name)


@contextmanager
def origins(folder: Path) -> Iterator[Origins]:
    """Run everything, with four modules in it."""
    with (
        websites(*NAMES) as sites,
        git_server(folder / "public", tls=True, names=("git.pub.test",)) as public,
        git_server(folder / "private", tls=True, names=("git.corp.test",)) as private,
        git_server(folder / "lookalike", tls=True, names=(LOOKALIKE,)) as lookalike,
    ):
        private.authorization = basic(USER, SECRET)
        world = Origins(folder, sites, public, private, lookalike)
        _fill(world)
        yield world


def module_files(module: str, word: str) -> dict[str, str]:
    """The files of a module whose one function returns ``word``."""
    package = module.rpartition("/")[2]
    source = f'package {package}\n\nfunc Word() string {{ return "{word}" }}\n'
    return {"go.mod": f"module {module}\n\ngo 1.22\n", f"{package}.go": source, "LICENSE": "as you like\n"}


def _fill(world: Origins) -> None:
    world.publish(world.public, "greet", module_files(GREET, "hello"), VERSION)
    world.publish(world.private, "team/billing", module_files(BILLING, "paid"), VERSION)
    inner = {f"go/tool/{name}": text for name, text in module_files(TOOL, "drill").items()}
    world.publish(world.private, "team/mono", {"README": "many things\n", **inner}, f"go/tool/{VERSION}")
    pages = world.sites
    pages.go_import(GREET, f"{GREET} git {named(world.public, 'git.pub.test')}/greet")
    pages.go_import(BILLING, f"{BILLING} git {world.git}/team/billing")
    pages.go_import(TOOL, f"{TOOL} git {world.git}/team/mono go/tool")
    pages.go_import(ROOT, f"{ROOT} mod https://proxy.corp.test:{pages.port}/go")
    served = GoModules()
    served.add(ROOT, VERSION, module_files(ROOT, "served"))
    for path in [*served.files, f"{ROOT}/@v/list", f"{ROOT}/@latest"]:
        if (file := served.find(path)) is not None:
            pages.pages[f"proxy.corp.test/go/{path}"] = Answer(200, bytes(file.read(0, file.size)))


def written(world: Origins, *mirrors: MirrorProcess) -> Iterator[tuple[Path, bytes]]:
    """Yield all that mirrors and machines wrote: stores, repositories, logs, configuration."""
    for mirror in mirrors:
        for path in mirror.directory.rglob("*"):
            if path.is_file():
                yield path, path.read_bytes()


def places_of_secrets(world: Origins, *mirrors: MirrorProcess) -> list[Path]:
    """Return the files in which a secret stands."""
    return [
        path
        for path, content in written(world, *mirrors)
        if any(secret.encode() in content for secret in SECRETS)
    ]
