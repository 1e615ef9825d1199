"""A small world of made-up modules that programs are built from."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from tests.fakes.gomodules import escape
from tests.fakes.zips import slow_h1

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.gomodules import GoModules
    from tests.fakes.upstream import FakeUpstream

GREET = "example.com/Greet"
"""Has an upper-case letter, which is escaped on the way."""
WORDS = "example.com/words/v2"
PROGRAM = f"""package main

import (
\t"fmt"

\t"{GREET}"
)

func main() {{ fmt.Println(greet.Hello()) }}
"""
BRANCH_VERSION = "v1.2.1-0.20240203040506-0123456789ab"


def fill_world(upstream: FakeUpstream) -> None:
    """Serve a library with three versions and a branch, and what it depends on."""
    for version in ("v2.0.0", "v2.1.0"):
        upstream.add(
            WORDS,
            version,
            {
                "go.mod": f"module {WORDS}\n\ngo 1.20\n",
                "words.go": f'package words\n\nconst Hello = "hello from words {version}"\n',
            },
        )
    for version in ("v1.0.0", "v1.1.0", "v1.2.0", BRANCH_VERSION):
        upstream.add(GREET, version, greet_files(version))
    upstream.query(GREET, "main", BRANCH_VERSION)


def greet_files(version: str, words: str = "v2.1.0") -> dict[str, bytes | str]:
    """The files of one version of the library."""
    return {
        "go.mod": f"module {GREET}\n\ngo 1.20\n\nrequire {WORDS} {words}\n",
        "greet.go": f'package greet\n\nimport "{WORDS}"\n\n'
        f'func Hello() string {{ return words.Hello + ", greet {version}" }}\n',
        "greet_test.go": 'package greet\n\nimport "testing"\n\nfunc TestHello(*testing.T) {}\n',
    }


def vouch_for(modules: GoModules) -> Callable[[str, str], tuple[str, str] | None]:
    """What a checksum database says that has seen these very modules (protocol.md B.5)."""

    def resolve(module: str, version: str) -> tuple[str, str] | None:
        stem = f"{escape(module)}/@v/{escape(version)}"
        archive, go_mod = modules.find(f"{stem}.zip"), modules.find(f"{stem}.mod")
        if archive is None or go_mod is None:
            return None
        return slow_h1(bytes(archive.read(0, archive.size))), h1_of_go_mod(
            bytes(go_mod.read(0, go_mod.size))
        )

    return resolve


def h1_of_go_mod(content: bytes) -> str:
    """Written without the code under test, as is :func:`tests.fakes.zips.slow_h1`."""
    line = f"{hashlib.sha256(content).hexdigest()}  go.mod\n"
    return "h1:" + base64.b64encode(hashlib.sha256(line.encode()).digest()).decode()
