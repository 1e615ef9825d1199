"""The repositories of the conformance matrix (protocol.md F.1), with the commit ids they must have.

``FIXTURES`` has a function for each; ``write_fixtures`` puts them into a folder as bare git repositories
``u/NAME``, in a few milliseconds each. ``RECORDED`` has ids that git gave to the same content.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from tests.fakes.git_pack import GitObjects, write_git
from tests.fakes.history import Change, FileOf, History, Kind, TreeOf, day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

FIXTURES: dict[str, Callable[[], History]] = {}
"""Makers of histories by name (``u/plain``)."""

RECORDED = {
    ("u/plain", "v1.0.0"): "bb62001c1efd313054fefd825e24ee8f83fce195",
    ("u/plain", "main"): "5d69519d8d2a7fcc9dfab9875d3adae96fe17be2",
    ("u/attr", "v1.0.0"): "9ab131aee7843934a12b76a51d45b99a7e71ef99",
    ("u/vend1.23", "v1.0.0"): "d1615a247f1e900d3f252cff0887c70acf2954f5",
    ("u/vend1.24", "v1.0.0"): "9b76f3b1fa943db784233cd91b3bc214c97eeef7",
    ("u/vend1.24rc1", "v1.0.0"): "f3392d7d0c276fd99023ab21be4bd07439ec49f5",
    ("u/vend1.23.9", "v1.0.0"): "78d24b8b8c9c4699634b759e3e4152f297015058",
    ("u/vendnone", "v1.0.0"): "daad268e304580aa345ad78b8209cf4736b93267",
    ("u/nest", "v1.0.0"): "15a2cfc08d57a96042b291aacaf5529f52163e9e",
    ("u/lic", "v1.0.0"): "2af5ef1fe9ebe7c02e6a547d49aa9a2f6cb98f9c",
    ("u/symgm", "v1.0.0"): "2a2bad7adffa19632bd0779fc3d3c860b795299d",
    ("u/empty", "v1.0.0"): "72697adbf58d43c3d2a59f437d999961390445c0",
    ("u/tags", "v1.0.0"): "0712cb6265b7000de36c3d2ae4fc764589f971a9",
    ("u/tags", "main"): "17a33449699dd1e8beb5059a48632f064e705a89",
    ("u/tags", "side"): "c39826bb01105508e9b3fa23eb4fe2f3bf600366",
    ("u/inc", "v2.1.0"): "da291725654d0c01500d915611b294a5ad2e0127",
    ("u/inc", "v4.0.0"): "0737ac56f57287c0a7e23c9e912c9754b5feb154",
    ("u/inc2", "v1.0.0"): "827e2382e6bc3a91cbd969b4287e93cc71a155dc",
    ("u/inc2", "v2.0.0"): "92996d29cf0de837ac51d5301302e9e19437295d",
    ("u/maj", "v1.0.0"): "6544e0a0783768bab411fa69587b81a9089a2261",
    ("u/maj", "v2.0.0"): "ec05a55c626c35cbc9679d72b4e69c250b9846b0",
    ("u/maj", "v3br"): "69dcb0d8fa2a3a39ab86d432487e1ea968a32af1",
    ("u/sd", "v1.0.0"): "0ec0b62caaec688580c4709f0a3a51da5c991bb1",
    ("u/ret", "v1.0.0"): "10d2199f4a2bae1d05ccad9d057ef30901608f2e",
    ("u/ret", "v1.1.0"): "e28cba1f0af071eea922b48c17cea3817d559e1c",
    ("u/ret", "v1.2.0"): "5a20238abff8a5fc1cf74edcfae262732274aa86",
    ("u/ret", "main"): "a7bda4df1b8a4edf75cddcafcf8e1e4bc7a51483",
    ("u/reta", "main"): "12a3007feeb66df3e63973bba8c0ce9f9850413d",
    ("u/pre", "v1.0.0-rc.1"): "317f29d77befe7467e9f8e9ff1a6a9272512179c",
    ("u/pre", "main"): "87b3051b89ad096e9e2c26d74ce693031795e8c6",
    ("u/notag", "main"): "2c4e4241dbf5d7ea270b22260a443fdbff1a3412",
    ("u/pr", "refs/pull/1/head"): "76f1f6a2a438a1f06ec53ae9ed56240747081b73",
    ("u/orph", "v1.0.0"): "5ba6a1ee1bfbb9924c0264fac75b3968eff072d9",
    ("u/orph", "main"): "b4318ec0fc382927f162e9e333306560384c260d",
    ("u/nm", "v1.0.1"): "0640a7c5f47ccb2c8d6d678dc3d7da2e0fc240b5",
    ("u/nm", "main"): "a29c5d1a1431ed9e7a801f715c5825f252a44cbf",
    ("u/ops", "v1.0.0"): "805ef2d1b370e039af9b923cc154efd2d1b5e709",
    ("u/ops", "main"): "f260cd65c9040666055e5559c20c0a5c6afe4b68",
    ("u/sl", "feature/x"): "435808ded3a2aeba9025265d73c0831e48810cc0",
    ("u/tm", "v1.0.0"): "1783ed5a835b6c1f9dcb208727eeb9bc694da50b",
    ("u/tm2", "main"): "779bbb3ae4c3d6ebedd19adbe717d16c29102f08",
    ("u/up", "v1.0.0"): "c0b5216cbcc1ef9ce23b1a75b0ec6e6fa2036eb3",
    ("u/mm", "v1.0.0"): "fd66931cdf828c00e31d237a6196f73621bb0e0f",
    ("u/mm2", "v2.0.0"): "35a79fb73d53faa0f266611daa416bb765f1a4e7",
    ("u/gb", "v1.0.0"): "8af0674c8a7d78456c8235f1a40e404325feeb71",
    ("u/vbad", "v1.0.0"): "2e3303a1edddb7bdd5d945167788d11a086ae58c",
    ("u/vlax", "v1.0.0"): "74c1dfb3be927aa5693437eb645d6c82e18a7233",
    ("u/vcol", "v1.0.0"): "0c53c144f9b9f74e9fcb131cebf47a216b347c20",
    ("u/svend", "sub/v1.0.0"): "4327119a86bc383793acfb0414d59eb1be6e9c66",
    ("u/lc", "sub/v1.0.0"): "5a0cc216cf9204b78c0b947c7b01bd00a93b0af7",
    ("u/lc2", "sub/v1.0.0"): "af31be837ef39ad213fd9d17b58cbf87c56b29b7",
}
"""Commit id by repository and reference, as recorded from git and the go command."""


def write_fixtures(folder: Path, names: Iterable[str] = ()) -> Path:
    """Write the named repositories (default: all) below ``folder``, and return it."""
    for name in names or FIXTURES:
        write_git(FIXTURES[name](), folder / name)
    return folder


def commit_of(history: History, ref: str) -> str:
    """Return the commit that a tag, branch or full reference name leads to."""
    target = history.hidden.get(ref) or history.tags.get(ref) or history.branches[ref]
    while not isinstance(target, Change):
        assert not isinstance(target, (TreeOf, FileOf)), f"{ref} leads to no commit"
        target = target.of
    return GitObjects().commit(target)


def _fixture(recipe: Callable[[History], None]) -> Callable[[History], None]:
    name = f"u/{recipe.__name__.removeprefix('_')}"

    def made() -> History:
        history = History(name)
        recipe(history)
        return history

    FIXTURES[name] = made
    return recipe


def _go_mod(path: str) -> dict[str, str | bytes]:
    return {"go.mod": f"module github.com/{path}\n"}


@_fixture
def _plain(repo: History) -> None:
    repo.write({"p.go": "package p\n", "sub/s.go": "package sub\n"})
    repo.write({"vendor/modules.txt": "v\n", "vendor/x/x.go": "package x\n"})
    repo.write({"link.go": "p.go"}, Kind.SYMLINK)
    repo.write({"run.sh": "#!/bin/sh\n"}, Kind.EXECUTABLE)
    repo.commit("one")
    repo.tag("v1.0.0")
    repo.write({"p.go": "package p\nmore\n"})
    repo.commit("two", day(2))


@_fixture
def _attr(repo: History) -> None:
    attributes = """\
*.crlf text eol=crlf
*.auto text=auto
*.id ident
*.utf16 text working-tree-encoding=UTF-16LE
*.lfs filter=lfs diff=lfs merge=lfs -text
ignored.txt export-ignore
subst.txt export-subst
"""
    repo.write({".gitattributes": attributes, "f.crlf": "a\nb\n", "f.raw": "a\r\nb\r\n"})
    repo.write({"f.id": "x $Id$ y\n", "f.utf16": "hi"})
    repo.write({"f.lfs": "version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 3\n"})
    repo.write({"ignored.txt": "i\n", "subst.txt": "$Format:%H$\n", "p.go": "package p\n"})
    repo.commit("one")
    repo.tag("v1.0.0")


def _vendoring(go: str) -> Callable[[], History]:
    def made() -> History:
        repo = History(f"u/vend{go or 'none'}")
        repo.write({"go.mod": f"module github.com/{repo.name}\n" + (f"\ngo {go}\n" if go else "")})
        repo.write({"vendor/modules.txt": "m\n", "vendor/x/x.go": "package x\n", "vendor/LICENSE": "l\n"})
        repo.write({"vendor/y/vendor/z/z.go": "z\n", "vendorx/q/q.go": "q\n"})
        repo.write({"pkg/vendor/vendor.go": "package vendor\n", "pkg/vendor/foo/foo.go": "package foo\n"})
        repo.write({"a/vendor/modules.txt": "t\n", "a/b/vendor/modules.txt.d/k": "q\n"})
        repo.write({"longer/path/vendor/v.go": "v\n"})
        repo.commit("one")
        repo.tag("v1.0.0")
        return repo

    return made


FIXTURES |= {f"u/vend{go or 'none'}": _vendoring(go) for go in ("1.23", "1.24", "1.24rc1", "1.23.9", "")}


@_fixture
def _dep(repo: History) -> None:
    repo.write({"d.go": "d\n"})
    repo.commit("d")


@_fixture
def _nest(repo: History) -> None:
    submodule = GitObjects().commit(FIXTURES["u/dep"]().tip)
    repo.write({"third": submodule}, Kind.SUBMODULE)
    section = '[submodule "third"]\n\tpath = third\n\turl = https://github.com/u/dep\n'
    repo.write({".gitmodules": section, "LICENSE": "LICTEXT\n"} | _go_mod("u/nest"))
    repo.write({"sub/go.mod": "module github.com/u/nest/sub\n", "sub/s.go": "s\n", "sub/deep/d.go": "d\n"})
    repo.write({"other/x/GO.MOD": "x\n", "other/x/y.go": "y\n", "symmod/q.go": "q\n"})
    repo.write({"symmod/go.mod": "../go.mod", "dirlink": "sub"}, Kind.SYMLINK)
    repo.write({"dirgomod/go.mod/f": "1\n", "dirgomod/g.go": "2\n"})
    repo.commit("one")
    repo.tag("v1.0.0", "sub/v1.0.0")


@_fixture
def _lic(repo: History) -> None:
    repo.write({"COPYING": "LICTEXT\n"} | _go_mod("u/lic"))
    repo.write({f"{sub}/go.mod": f"module github.com/u/lic/{sub}\n" for sub in ("sub", "sub2", "sub3")})
    repo.write({"sub2/LICENSE": "own\n"})
    repo.write({"LICENSE": "COPYING", "sub3/LICENSE": "../COPYING"}, Kind.SYMLINK)
    repo.commit("one")
    repo.tag("v1.0.0", "sub/v1.0.0", "sub2/v1.0.0", "sub3/v1.0.0")


@_fixture
def _symgm(repo: History) -> None:
    repo.write({"real.mod": "module github.com/u/symgm\n", "p.go": "package p\n"})
    repo.write({"go.mod": "real.mod"}, Kind.SYMLINK)
    repo.commit("one")
    repo.tag("v1.0.0")


@_fixture
def _empty(repo: History) -> None:
    repo.commit("one")
    repo.tag("v1.0.0")


@_fixture
def _nocommit(repo: History) -> None:
    assert not repo.branches


ODD_TAGS = (
    *("v1", "v1.2", "v1.2.3.4", "v1.3.0+meta", "v1.4.0-RC1", "v01.5.0", "v1.6.0-01", "1.7.0", "v1.8.0-"),
    *("v1.9.0-beta+x", "v2.0.0", "v1.10.0-0.20200101000000-abcdefabcdef", "v0.9.0", "v1.11.0+incompatible"),
    *("V1.12.0", "v1.13.0-alpha_1", "v1.14.0-αβ", "release-v1.15.0"),
)


@_fixture
def _tags(repo: History) -> None:
    repo.write(_go_mod("u/tags"))
    one = repo.commit("one")
    repo.tag("v1.0.0", *ODD_TAGS)
    repo.annotate("v0.9.1", "ann")
    repo.write({"f": "2\n"})
    repo.commit("two", day(2))
    repo.branch("v1.20.0", "feat")
    repo.switch("side", one)
    repo.write({"s": "s\n"})
    repo.commit("side", day(3))


@_fixture
def _inc(repo: History) -> None:
    repo.write({"p.go": "p\n"})
    repo.commit("one")
    repo.tag("v1.0.0")
    repo.commit("2", day(2))
    repo.tag("v2.0.0", "v2.1.0")
    repo.write(_go_mod("u/inc/v3"))
    repo.commit("3", day(3))
    repo.tag("v3.0.0")
    repo.remove("go.mod")
    repo.commit("4", day(4))
    repo.tag("v4.0.0")


@_fixture
def _inc2(repo: History) -> None:
    repo.write(_go_mod("u/inc2"))
    repo.commit("one")
    repo.tag("v1.0.0")
    repo.remove("go.mod")
    repo.commit("2", day(2))
    repo.tag("v2.0.0")


@_fixture
def _maj(repo: History) -> None:
    repo.write(_go_mod("u/maj"))
    repo.commit("one")
    repo.tag("v1.0.0")
    repo.write({"v2/go.mod": "module github.com/u/maj/v2\n", "v2/m.go": "package maj\n"})
    repo.commit("2", day(2))
    repo.tag("v2.0.0", "v2/v2.5.0")
    repo.switch("v3br")
    repo.remove("v2")
    repo.write(_go_mod("u/maj/v3"))
    repo.commit("3", day(3))
    repo.tag("v3.0.0")


@_fixture
def _sd(repo: History) -> None:
    repo.write(_go_mod("u/sd"))
    repo.write({"a/b/go.mod": "module github.com/u/sd/a/b\n"})
    repo.write({"a/b/v2/go.mod": "module github.com/u/sd/a/b/v2\n"})
    repo.write({"c/go.mod": "module github.com/u/sd/c/v2\n", "c/c.go": "c\n"})
    repo.commit("one")
    repo.tag("v1.0.0", "a/b/v1.1.0", "a/b/v2.2.0", "c/v2.0.0", "a/b/v2/v2.9.0")


@_fixture
def _ret(repo: History) -> None:
    repo.write(_go_mod("u/ret"))
    repo.commit("one")
    repo.tag("v1.0.0")
    repo.write({"f": "\n"})
    repo.commit("2", day(2))
    repo.tag("v1.1.0")
    repo.write({"go.mod": "module github.com/u/ret\nretract [v1.1.0, v1.2.0]\n"})
    repo.commit("3", day(3))
    repo.tag("v1.2.0")
    repo.write({"f": ""})
    repo.commit("4", day(4))


@_fixture
def _reta(repo: History) -> None:
    repo.write(_go_mod("u/reta"))
    repo.commit("one")
    repo.tag("v1.0.0")
    repo.write({"go.mod": "module github.com/u/reta\nretract [v1.0.0, v1.0.1]\n"})
    repo.commit("3", day(3))
    repo.tag("v1.0.1")


@_fixture
def _pre(repo: History) -> None:
    repo.write(_go_mod("u/pre"))
    repo.commit("one")
    repo.tag("v1.0.0-rc.1", "v0.1.0-beta")
    repo.write({"f": "\n"})
    repo.commit("2", day(2))


@_fixture
def _notag(repo: History) -> None:
    repo.write(_go_mod("u/notag"))
    repo.commit("one")


@_fixture
def _pr(repo: History) -> None:
    repo.write(_go_mod("u/pr"))
    one = repo.commit("one")
    repo.tag("v1.0.0")
    repo.write({"f": "\n"})
    repo.hidden["refs/pull/1/head"] = repo.commit("2", day(2))
    repo.reset(one)


@_fixture
def _orph(repo: History) -> None:
    repo.write(_go_mod("u/orph"))
    one = repo.commit("one")
    repo.write({"f": "\n"})
    repo.commit("2", day(2))
    repo.tag("v1.0.0")
    repo.reset(one)


@_fixture
def _nm(repo: History) -> None:
    repo.write(_go_mod("u/nm"))
    one = repo.commit("one")
    repo.tag("both")
    repo.annotate("v1.0.0", "x")
    repo.annotate("v1.0.1", "y", repo.tags["v1.0.0"])
    repo.tag("v1.0.2", of=TreeOf(one))
    repo.tag("v1.0.3", of=FileOf(one, "go.mod"))
    repo.write({"f": "\n"})
    repo.commit("2", day(2))
    repo.branch("both", "latest", "upgrade")


@_fixture
def _ops(repo: History) -> None:
    repo.write(_go_mod("u/ops"))
    repo.commit("one")
    repo.tag("v1.0.0")
    repo.write({"f": "\n"})
    repo.commit("2", day(2))


QUOTE = "quo\u0022te.txt"
"""A file name with a quotation mark, which module zips may not have."""


@_fixture
def _fn(repo: History) -> None:
    repo.write(
        {"sp ace.txt": "a\n", "a@b.txt": "b\n", "tilde~1.go": "c\n", "plus+.go": "d\n", "世.txt": "e"}
    )
    repo.write(_go_mod("u/fn"))
    repo.commit("one")
    repo.tag("v1.0.0")
    bad: list[tuple[str, dict[str, str | bytes], str]] = [
        ("two", {QUOTE: "x\n"}, QUOTE),
        ("3", {"aux.go": "x\n"}, "aux.go"),
        ("4", {"README": "x\n", "readme": "y\n"}, "readme"),
        ("5", {"trail.": "x\n"}, "trail."),
        ("6", {"bad*dir/f": "x\n"}, "bad*dir"),
    ]
    for number, (message, files, removed) in enumerate(bad, 1):
        repo.write(files)
        repo.commit(message)
        repo.tag(f"v1.0.{number}")
        repo.remove(removed)
    repo.remove("go.mod")
    repo.write({"GO.mod": "x\n"})
    repo.commit("7")
    repo.tag("v1.0.6")
    repo.remove("GO.mod")
    repo.write({"nested/go.mod": "module z\n", "nested/bad*name": "1\n"} | _go_mod("u/fn"))
    repo.commit("8")
    repo.tag("v1.0.7")
    repo.write({"link*bad": "README"}, Kind.SYMLINK)
    repo.commit("9")
    repo.tag("v1.0.8")


@_fixture
def _sl(repo: History) -> None:
    repo.write(_go_mod("u/sl"))
    repo.commit("one")
    repo.switch("feature/x")
    repo.write({"f": "\n"})
    repo.commit("2", day(2))
    repo.tag("rel/v1.0.0")


@_fixture
def _tm(repo: History) -> None:
    repo.write(_go_mod("u/tm"))
    committed = datetime(2020, 5, 5, 12, tzinfo=timezone(timedelta(hours=5)))
    repo.commit("one", committed, authored=datetime(2010, 1, 1, tzinfo=UTC))
    repo.annotate("v1.0.0", "later")


@_fixture
def _tm2(repo: History) -> None:
    repo.write(_go_mod("u/tm2"))
    repo.commit("one", datetime(2100, 1, 1, tzinfo=UTC))


@_fixture
def _up(repo: History) -> None:
    repo.write({"GO.MOD": "module github.com/u/up\n", "p.go": "p\n"})
    repo.commit("one")
    repo.tag("v1.0.0")


@_fixture
def _mm(repo: History) -> None:
    repo.write({"go.mod": "module other.com/x\n"})
    repo.commit("one")
    repo.tag("v1.0.0", "v2.0.0")


@_fixture
def _mm2(repo: History) -> None:
    repo.write({"go.mod": "module other.com/x/v2\n"})
    repo.commit("one")
    repo.tag("v1.0.0", "v2.0.0")


@_fixture
def _gb(repo: History) -> None:
    repo.write({"go.mod": "module github.com/u/gb\n\nthis is ( garbage\n"})
    repo.commit("one")
    repo.tag("v1.0.0")


@_fixture
def _vbad(repo: History) -> None:
    repo.write({"go.mod": "module github.com/u/vbad\n\ngo 1.24\n\nrequire x.y/z v2.0.0\n"})
    repo.write({"vendor/modules.txt": "m\n", "pkg/vendor/v.go": "v\n"})
    repo.commit("one")
    repo.tag("v1.0.0")


@_fixture
def _vlax(repo: History) -> None:
    repo.write({"go.mod": "module github.com/u/vlax\n\ngo 1.24-foo\n\nunknowndirective x\n"})
    repo.write({"vendor/modules.txt": "m\n", "pkg/vendor/v.go": "v\n"})
    repo.commit("one")
    repo.tag("v1.0.0")


@_fixture
def _vcol(repo: History) -> None:
    repo.write({"go.mod": "module github.com/u/vcol\n\ngo 1.25\n"})
    repo.write({"vendor/a*b/f.go": "1\n", "Vendor/x/y.go": "2\n"})
    repo.commit("one")
    repo.tag("v1.0.0")


@_fixture
def _svend(repo: History) -> None:
    repo.write({"sub/go.mod": "module github.com/u/svend/sub\n\ngo 1.20\n", "sub/s.go": "s\n"})
    repo.write({"sub/vendor/q/q.go": "q\n", "sub/vendor/modules.txt": "m\n", "LICENSE.md": "L\n"})
    repo.commit("one")
    repo.tag("sub/v1.0.0")


@_fixture
def _lc(repo: History) -> None:
    repo.write({"sub/go.mod": "module github.com/u/lc/sub\n", "License": "L\n", "sub/license": "l2\n"})
    repo.commit("one")
    repo.tag("sub/v1.0.0")


@_fixture
def _lc2(repo: History) -> None:
    repo.write({"sub/go.mod": "module github.com/u/lc2/sub\n", "LICENSE": "L\n", "sub/license": "l2\n"})
    repo.commit("one")
    repo.tag("sub/v1.0.0")
