"""Small repositories on which the real go command was asked for versions, as models in memory.

Each is ``github.com/u/NAME`` of the conformance matrix (protocol.md F.1). Commits that the recorded answers
name have the ids that git gave them; so pseudo-versions can be compared as they were recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.model_repository import Link, ModelRepository

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.model_repository import Content

JANUARY = tuple(f"2020-01-{day:02}T00:00:00Z" for day in range(1, 5))
FIRST, SECOND, THIRD, FOURTH = JANUARY
HOST = "https://github.com/"


def recorded(name: str) -> ModelRepository:
    """Build ``github.com/u/<name>``."""
    repository = ModelRepository(f"{HOST}u/{name}")
    _BUILDERS[name](repository)
    return repository


def _module(name: str) -> str:
    return f"module github.com/u/{name}\n"


def _plain(repo: ModelRepository) -> None:
    files: dict[str, Content] = {
        "p.go": "package p\n",
        "link.go": Link("p.go"),
        "vendor/x/x.go": "package x\n",
    }
    repo.tag(repo.add(files, at=FIRST, id="bb62001c1efd313054fefd825e24ee8f83fce195"), "v1.0.0")
    repo.add({"p.go": "package p\nmore\n"}, at=SECOND, id="5d69519d8d2a7fcc9dfab9875d3adae96fe17be2")


ODD_TAGS = (
    *("v1.0.0", "v1", "v1.2", "v1.2.3.4", "v1.3.0+meta", "v1.4.0-RC1", "v01.5.0", "v1.6.0-01", "1.7.0"),
    *("v1.8.0-", "v1.9.0-beta+x", "v2.0.0", "v1.10.0-0.20200101000000-abcdefabcdef", "v0.9.0"),
    *(
        "v1.11.0+incompatible",
        "V1.12.0",
        "v1.13.0-alpha_1",
        "v1.14.0-\u03b1\u03b2",
        "release-v1.15.0",
        "v0.9.1",
    ),
)


def _tags(repo: ModelRepository) -> None:
    one = repo.add({"go.mod": _module("tags")}, at=FIRST, id="0712cb6265b7000de36c3d2ae4fc764589f971a9")
    repo.tag(one, *ODD_TAGS)
    two = repo.add({"f": "2\n"}, at=SECOND, id="17a33449699dd1e8beb5059a48632f064e705a89")
    repo.branches |= {"v1.20.0": two, "feat": two}
    side = "c39826bb01105508e9b3fa23eb4fe2f3bf600366"
    repo.add({"s": "s\n"}, at=THIRD, branch="side", parents=(one,), id=side)


def _inc(repo: ModelRepository) -> None:
    repo.tag(repo.add({"p.go": "p\n"}, at=FIRST), "v1.0.0")
    two = repo.add({"p.go": "p\n2\n"}, at=SECOND, id="da291725654d0c01500d915611b294a5ad2e0127")
    repo.tag(two, "v2.0.0", "v2.1.0")
    repo.tag(repo.add({"go.mod": _module("inc/v3")}, at=THIRD), "v3.0.0")
    four = repo.add({"go.mod": None}, at=FOURTH, id="0737ac56f57287c0a7e23c9e912c9754b5feb154")
    repo.tag(four, "v4.0.0")


def _inc2(repo: ModelRepository) -> None:
    repo.tag(repo.add({"go.mod": _module("inc2")}, at=FIRST), "v1.0.0")
    repo.tag(repo.add({"go.mod": None}, at=SECOND), "v2.0.0")


def _maj(repo: ModelRepository) -> None:
    repo.tag(repo.add({"go.mod": _module("maj")}, at=FIRST), "v1.0.0")
    below = {"v2/go.mod": _module("maj/v2"), "v2/m.go": "package maj\n"}
    two = repo.add(below, at=SECOND, id="ec05a55c626c35cbc9679d72b4e69c250b9846b0")
    repo.tag(two, "v2.0.0", "v2/v2.5.0")
    branch = {"v2/go.mod": None, "v2/m.go": None, "go.mod": _module("maj/v3")}
    three = "69dcb0d8fa2a3a39ab86d432487e1ea968a32af1"
    repo.tag(repo.add(branch, at=THIRD, branch="v3br", parents=(two,), id=three), "v3.0.0")


def _sd(repo: ModelRepository) -> None:
    files = {
        "go.mod": _module("sd"),
        "a/b/go.mod": _module("sd/a/b"),
        "a/b/v2/go.mod": _module("sd/a/b/v2"),
        "c/go.mod": _module("sd/c/v2"),
        "c/c.go": "c\n",
    }
    one = repo.add(files, at=FIRST, id="0ec0b62caaec688580c4709f0a3a51da5c991bb1")
    repo.tag(one, "v1.0.0", "a/b/v1.1.0", "a/b/v2.2.0", "c/v2.0.0", "a/b/v2/v2.9.0")


def _ret(repo: ModelRepository) -> None:
    repo.tag(repo.add({"go.mod": _module("ret")}, at=FIRST), "v1.0.0")
    two = repo.add({"f": "1\n"}, at=SECOND, id="e28cba1f0af071eea922b48c17cea3817d559e1c")
    repo.tag(two, "v1.1.0")
    taken_back = {"go.mod": _module("ret") + "retract [v1.1.0, v1.2.0]\n"}
    three = repo.add(taken_back, at=THIRD, id="5a20238abff8a5fc1cf74edcfae262732274aa86")
    repo.tag(three, "v1.2.0")
    repo.add({"f": "3\n"}, at=FOURTH, id="a7bda4df1b8a4edf75cddcafcf8e1e4bc7a51483")


def _reta(repo: ModelRepository) -> None:
    repo.tag(repo.add({"go.mod": _module("reta")}, at=FIRST), "v1.0.0")
    taken_back = {"go.mod": _module("reta") + "retract [v1.0.0, v1.0.1]\n"}
    repo.tag(repo.add(taken_back, at=THIRD, id="12a3007feeb66df3e63973bba8c0ce9f9850413d"), "v1.0.1")


def _pre(repo: ModelRepository) -> None:
    repo.tag(repo.add({"go.mod": _module("pre")}, at=FIRST), "v1.0.0-rc.1", "v0.1.0-beta")
    repo.add({"f": "1\n"}, at=SECOND, id="87b3051b89ad096e9e2c26d74ce693031795e8c6")


def _notag(repo: ModelRepository) -> None:
    repo.add({"go.mod": _module("notag")}, at=FIRST, id="2c4e4241dbf5d7ea270b22260a443fdbff1a3412")


PULL_REQUEST = "76f1f6a2a438a1f06ec53ae9ed56240747081b73"


def _pr(repo: ModelRepository) -> None:
    repo.tag(repo.add({"go.mod": _module("pr")}, at=FIRST), "v1.0.0")
    repo.add(
        {"f": "1\n"},
        at=SECOND,
        branch="refs/pull/1/head",
        parents=(repo.branches["main"],),
        id=PULL_REQUEST,
    )
    del repo.branches["refs/pull/1/head"]


def _orph(repo: ModelRepository) -> None:
    one = repo.add({"go.mod": _module("orph")}, at=FIRST, id="b4318ec0fc382927f162e9e333306560384c260d")
    repo.tag(repo.add({"f": "1\n"}, at=SECOND, id="5ba6a1ee1bfbb9924c0264fac75b3968eff072d9"), "v1.0.0")
    repo.branches["main"] = one


TREE, BLOB = "4b825dc642cb6eb9a060e54bf8d69288fbee4904", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


def _nm(repo: ModelRepository) -> None:
    one = repo.add({"go.mod": _module("nm")}, at=FIRST, id="0640a7c5f47ccb2c8d6d678dc3d7da2e0fc240b5")
    repo.tag(one, "both", "v1.0.0", "v1.0.1")
    repo.tag(TREE, "v1.0.2")
    repo.tag(BLOB, "v1.0.3")
    two = repo.add({"f": "1\n"}, at=SECOND, id="a29c5d1a1431ed9e7a801f715c5825f252a44cbf")
    repo.branches |= {"both": two, "latest": two, "upgrade": two}


def _sl(repo: ModelRepository) -> None:
    one = repo.add({"go.mod": _module("sl")}, at=FIRST)
    two = "435808ded3a2aeba9025265d73c0831e48810cc0"
    repo.tag(repo.add({"f": "1\n"}, at=SECOND, branch="feature/x", parents=(one,), id=two), "rel/v1.0.0")


def _tm(repo: ModelRepository) -> None:
    made = "2020-05-05T12:00:00+05:00"
    repo.tag(
        repo.add({"go.mod": _module("tm")}, at=made, id="1783ed5a835b6c1f9dcb208727eeb9bc694da50b"),
        "v1.0.0",
    )


def _tm2(repo: ModelRepository) -> None:
    made = "2100-01-01T00:00:00Z"
    repo.add({"go.mod": _module("tm2")}, at=made, id="779bbb3ae4c3d6ebedd19adbe717d16c29102f08")


def _up(repo: ModelRepository) -> None:
    repo.tag(repo.add({"GO.MOD": _module("up"), "p.go": "p\n"}, at=FIRST), "v1.0.0")


def _mm(repo: ModelRepository) -> None:
    repo.tag(repo.add({"go.mod": "module other.com/x\n"}, at=FIRST), "v1.0.0", "v2.0.0")


def _mm2(repo: ModelRepository) -> None:
    repo.tag(repo.add({"go.mod": "module other.com/x/v2\n"}, at=FIRST), "v1.0.0", "v2.0.0")


def _gb(repo: ModelRepository) -> None:
    repo.tag(repo.add({"go.mod": _module("gb") + "\nthis is ( garbage\n"}, at=FIRST), "v1.0.0")


def _symgm(repo: ModelRepository) -> None:
    files: dict[str, Content] = {
        "real.mod": _module("symgm"),
        "go.mod": Link("real.mod"),
        "p.go": "package p\n",
    }
    repo.tag(repo.add(files, at=FIRST), "v1.0.0")


def _nest(repo: ModelRepository) -> None:
    files = {"go.mod": _module("nest"), "sub/go.mod": _module("nest/sub"), "sub/deep/d.go": "d\n"}
    one = repo.add(files, at=FIRST, id="15a2cfc08d57a96042b291aacaf5529f52163e9e")
    repo.tag(one, "v1.0.0", "sub/v1.0.0")


def _nocommit(repo: ModelRepository) -> None:
    assert not repo.branches


_BUILDERS: dict[str, Callable[[ModelRepository], None]] = {
    "gb": _gb,
    "inc": _inc,
    "inc2": _inc2,
    "maj": _maj,
    "mm": _mm,
    "mm2": _mm2,
    "nest": _nest,
    "nm": _nm,
    "nocommit": _nocommit,
    "notag": _notag,
    "orph": _orph,
    "plain": _plain,
    "pr": _pr,
    "pre": _pre,
    "ret": _ret,
    "reta": _reta,
    "sd": _sd,
    "sl": _sl,
    "symgm": _symgm,
    "tags": _tags,
    "tm": _tm,
    "tm2": _tm2,
    "up": _up,
}
