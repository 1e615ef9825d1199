"""What the real go command thinks of a module zip: the oracle for `modmirror.mod.modzip`.

Compiles a small program around the very packages cmd/go uses, which lie in its source tree. They are copied
to a temporary directory each time and never kept.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_PROGRAM = """
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
	modzip "golang.org/x/mod/zip"
)

type question struct {
	Module, Version string
	Zip             []byte
}

func judge(q question) (h1 string, err error) {
	dir, err := os.MkdirTemp(os.Args[1], "zip")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "m.zip")
	if err := os.WriteFile(file, q.Zip, 0o666); err != nil {
		panic(err)
	}
	h1, err = dirhash.HashZip(file, dirhash.Hash1)
	if err != nil {
		return "", err
	}
	m := module.Version{Path: q.Module, Version: q.Version}
	return h1, modzip.Unzip(filepath.Join(dir, "x"), m, file)
}

func main() {
	in, out := json.NewDecoder(bufio.NewReader(os.Stdin)), json.NewEncoder(os.Stdout)
	for {
		var q question
		if in.Decode(&q) != nil {
			return
		}
		h1, err := judge(q)
		answer := map[string]string{"h1": h1}
		if err != nil {
			answer = map[string]string{"error": err.Error()}
		}
		out.Encode(answer)
	}
}
"""

_GO_MOD = """
module oracle

go 1.24

require golang.org/x/mod v0.0.0

replace golang.org/x/mod => ./mod
"""


@dataclass(frozen=True, slots=True)
class Judgement:
    """``h1`` of a zip that go extracts; otherwise ``error``."""

    h1: str = ""
    error: str = ""


def find_go() -> str | None:
    """The go command beside this Python, or on PATH."""
    beside = Path(sys.executable).parent / "go"
    return str(beside) if beside.exists() else shutil.which("go")


class GoZips:
    """A compiled oracle. ``directory`` is kept until the caller removes it."""

    def __init__(self, go: str, directory: Path) -> None:
        self._directory = directory
        self._environment = {
            **os.environ,
            "GOFLAGS": "-mod=mod",
            "GOPROXY": "off",
            "GOSUMDB": "off",
            "GOTOOLCHAIN": "local",
            "GOWORK": "off",
        }
        root = self._run([go, "env", "GOROOT"], b"").decode().strip()
        shutil.copytree(Path(root, "src/cmd/vendor/golang.org/x/mod"), directory / "mod")
        (directory / "mod/go.mod").write_text("module golang.org/x/mod\n\ngo 1.24\n")
        (directory / "go.mod").write_text(_GO_MOD)
        (directory / "main.go").write_text(_PROGRAM)
        self._run([go, "build", "-o", "oracle", "."], b"")

    def _run(self, command: list[str], data: bytes) -> bytes:
        done = subprocess.run(
            command,
            input=data,
            capture_output=True,
            cwd=self._directory,
            env=self._environment,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def judge(self, module: str, version: str, zips: Iterable[bytes]) -> list[Judgement]:
        """Hash and extract each zip with go's own code."""
        questions = [
            json.dumps({"Module": module, "Version": version, "Zip": b64encode(data).decode()})
            for data in zips
        ]
        output = self._run(["./oracle", str(self._directory)], "\n".join(questions).encode())
        answers = [Judgement(**json.loads(line)) for line in output.splitlines()]
        assert len(answers) == len(questions)
        return answers
