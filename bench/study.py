"""``python -m bench.study DIR``: a lab study of servers that are not ours, beside modmirror, on loopback.

nginx and Go's http.FileServer serve one tree of modules, Varnish stands in front of nginx, and so does a
modmirror. What the lab says of them is known from elsewhere: they are all complete and right, and static
servers know no checksum database.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.machine import ToolMissing, tool
from bench.servers import build_go_server, free_port, go_server, nginx, running
from modmirror.lab.demo.cast import asked, corpus, world
from modmirror.lab.emulate.mirror import EmulatedMirror
from modmirror.lab.emulate.sumdb import EmulatedSumdb
from modmirror.lab.fault.subject import Subject, World
from modmirror.mod.escape import escape_path, escape_version
from tests.fakes.own_thread import in_own_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

    from modmirror.lab.emulate.modules import ModuleSet

_SOURCE = Path(__file__).parent / "fileserver"
_EVER = float("inf")
_VCL = """\
vcl 4.1;
backend tree {{ .host = "127.0.0.1"; .port = "{port}"; }}
sub vcl_backend_response {{ set beresp.ttl = 60s; }}
"""
_STUDY = """\
[study]
region = "loopback"
seed = {seed}

{targets}
[probe]
module = "{module}"

[protocol]
module = "{module}"
upper = "{upper}"
toolchain = "{toolchain}"
sumdb = "{sumdb}"

[coverage]
corpus = "corpus.toml"
zips = 20
sumdb = "{sumdb} {sumdb_url}"

[bench]
blocks = {blocks}
zips = {zips}
modules = {modules}
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Set the servers up, study them, and return the exit code of the study."""
    options = _parser().parse_args(arguments)
    modules = world(options.seed)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-study-") as scratch, ExitStack() as stack:
            urls, database, database_url = _set_up(modules, Path(scratch), stack)
            options.dir.mkdir(parents=True, exist_ok=True)
            config = options.dir / "servers.toml"
            text = _config(urls, database, database_url, blocks=options.blocks, seed=options.seed)
            config.write_text(text, encoding="utf-8")
            (options.dir / "corpus.toml").write_text(_corpus(), encoding="utf-8")
            command = [sys.executable, "-m", "modmirror", "lab", "study", config.name, "--save", "run"]
            return subprocess.run(command, cwd=options.dir, check=False).returncode
    except ToolMissing as missing:
        print(f"not measured: {missing}", file=sys.stderr)
        return 1


def write_tree(modules: ModuleSet, root: Path) -> None:
    """Write every module as a GOPROXY tree, as a static server serves it."""
    for module in modules.specs:
        base = root / escape_path(module) / "@v"
        base.mkdir(parents=True)
        versions = modules.versions(module, _EVER)
        (base / "list").write_text("".join(f"{version}\n" for version in versions), encoding="utf-8")
    for module, version in modules.releases():
        release = modules.release(module, version)
        assert release is not None  # noqa: S101 - it was published
        base = root / escape_path(module) / "@v"
        for ending, data in (("info", release.info), ("mod", release.mod), ("zip", release.zip)):
            (base / f"{escape_version(version)}.{ending}").write_bytes(data)
        if version == modules.latest(module, _EVER):
            (base.parent / "@latest").write_bytes(release.info)


def _set_up(
    modules: ModuleSet, scratch: Path, stack: ExitStack
) -> tuple[Mapping[str, str], EmulatedSumdb, str]:
    tree = scratch / "tree"
    write_tree(modules, tree)
    folders = [scratch / name for name in ("nginx", "varnish", "go", "modmirror")]
    for folder in folders:
        folder.mkdir()
    first = stack.enter_context(nginx(tree, folders[0]))
    front = stack.enter_context(_varnish(int(first.url.rpartition(":")[2]), folders[1]))
    binary = build_go_server(_SOURCE, folders[2])
    go = stack.enter_context(go_server(tree, binary))
    database = EmulatedSumdb(modules)
    mirror = EmulatedMirror(modules, sumdb=database)
    database_url = f"{stack.enter_context(in_own_thread(mirror.serve()))}/sumdb/{database.name}"
    subject = World(folders[3], (first.url,), database, database_url)
    ours = stack.enter_context(in_own_thread(_modmirror(subject)))
    urls = {"nginx": first.url, "varnish": front, "go-fileserver": go.url, "modmirror": ours}
    return urls, database, database_url


@asynccontextmanager
async def _modmirror(subject: World) -> AsyncIterator[str]:
    process = Subject(subject)
    try:
        yield await process.start()
    finally:
        await asyncio.shield(process.stop())


@contextmanager
def _varnish(upstream: int, folder: Path) -> Iterator[str]:
    """Run Varnish in front of a server, with its cache in memory."""
    (folder / "front.vcl").write_text(_VCL.format(port=upstream))
    port = free_port()
    # Without a jail: its users and folders are those of a whole machine, and this is one of many tests.
    command = [tool("varnishd"), "-F", "-j", "none", "-n", str(folder / "work")]
    command += ["-f", str(folder / "front.vcl"), "-a", f"127.0.0.1:{port}", "-s", "malloc,256m"]
    with running("varnish", command, port) as server:
        yield server.url


def _corpus() -> str:
    strata: dict[str, list[str]] = {}
    for entry in corpus():
        if entry.exists:
            strata.setdefault(entry.stratum, []).append(f"{entry.module.path}@{entry.module.version}")
    return "".join(
        f'[[stratum]]\nname = "{name}"\nmodules = {words!r}\n' for name, words in strata.items()
    ).replace("'", '"')


def _config(
    urls: Mapping[str, str], database: EmulatedSumdb, database_url: str, *, blocks: int, seed: int
) -> str:
    words = [f"{module.path}@{module.version}" for module in asked()]
    upper = next(entry.module for entry in corpus() if entry.stratum == "upper-case")
    return _STUDY.format(
        seed=seed,
        targets="".join(f'[[target]]\nname = "{name}"\nurl = "{url}"\n\n' for name, url in urls.items()),
        module=words[0],
        upper=f"{upper.path}@{upper.version}",
        toolchain=next(entry.module.version for entry in corpus() if entry.stratum == "toolchain"),
        sumdb=database.key,
        sumdb_url=database_url,
        blocks=blocks,
        zips=blocks,
        modules=str(words).replace("'", '"'),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.study", description=__doc__)
    parser.add_argument("dir", type=Path, help="new folder for configuration and run")
    parser.add_argument("--blocks", type=int, default=100, help="of the comparison of speed")
    parser.add_argument("--seed", type=int, default=1, help="of modules and order")
    return parser


if __name__ == "__main__":
    sys.exit(main())
