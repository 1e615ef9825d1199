"""Runs a small program against the go command's own packages, to compare our rules with.

golang.org/x/mod lies in the source tree of the go command. It is copied to a temporary directory each time
and never kept.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.fakes.go_cache import BUILD_CACHE, SHARED

if TYPE_CHECKING:
    from collections.abc import Sequence

_GO_MOD = """
module oracle

go 1.24

require golang.org/x/mod v0.0.0

replace golang.org/x/mod => ./mod
"""


class GoOracle:
    """A compiled program that answers each JSON value on its input with one on its output.

    ``directory`` is kept until the caller removes it.
    """

    def __init__(self, go: str, directory: Path, program: str) -> None:
        self._directory = directory
        root = self._run([go, "env", "GOROOT"], "").strip()
        shutil.copytree(Path(root, "src/cmd/vendor/golang.org/x/mod"), directory / "mod")
        (directory / "mod/go.mod").write_text("module golang.org/x/mod\n\ngo 1.24\n")
        (directory / "go.mod").write_text(_GO_MOD)
        (directory / "main.go").write_text(program)
        self._run([go, "build", "-o", "oracle", "."], "")

    def ask(self, questions: Sequence[Any]) -> list[Any]:
        """Return one answer a question, in order."""
        output = self._run(["./oracle"], "\n".join(map(json.dumps, questions)))
        answers = [json.loads(line) for line in output.split("\n")[:-1]]
        assert len(answers) == len(questions)
        return answers

    def _run(self, command: list[str], text: str) -> str:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GO")}
        local = {
            "GOFLAGS": f"-mod=mod {SHARED}",
            "GOPROXY": "off",
            "GOSUMDB": "off",
            "GOTOOLCHAIN": "local",
        }
        done = subprocess.run(
            command,
            input=text.encode(),
            capture_output=True,
            cwd=self._directory,
            env={**kept, **local, "GOWORK": "off", "GOCACHE": str(BUILD_CACHE)},
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()
