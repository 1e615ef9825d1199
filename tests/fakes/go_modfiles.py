"""What the real go command's own parser says of go.mod files: the oracle for `modmirror.mod.modfile`."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.fakes.go_oracle import GoOracle

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_PROGRAM = """
package main

import (
	"bufio"
	"encoding/json"
	"go/version"
	"os"

	"golang.org/x/mod/modfile"
)

func answer(data []byte) map[string]any {
	retracted := [][3]string{}
	file, err := modfile.ParseLax("go.mod", data, nil)
	language := ""
	if err == nil {
		for _, each := range file.Retract {
			retracted = append(retracted, [3]string{each.Low, each.High, each.Rationale})
		}
		if file.Go != nil {
			language = file.Go.Version
		}
	}
	return map[string]any{
		"path":       modfile.ModulePath(data),
		"go":         language,
		"new_vendor": version.Compare(version.Lang("go"+language), "go1.24") >= 0,
		"retracted":  retracted,
		"readable":   err == nil,
	}
}

func main() {
	in, out := json.NewDecoder(bufio.NewReader(os.Stdin)), json.NewEncoder(os.Stdout)
	for {
		var data []byte
		if in.Decode(&data) != nil {
			return
		}
		out.Encode(answer(data))
	}
}
"""


@dataclass(frozen=True, slots=True)
class GoModAnswer:
    """What is read from a go.mod; bytes that are no UTF-8 show as U+FFFD."""

    path: str
    go: str
    new_vendor: bool
    retracted: list[list[str]]
    readable: bool


class GoModFiles:
    """A compiled oracle. ``directory`` is kept until the caller removes it."""

    def __init__(self, go: str, directory: Path) -> None:
        self._oracle = GoOracle(go, directory, _PROGRAM)

    def ask(self, files: Sequence[bytes]) -> list[GoModAnswer]:
        """Read each file as the go.mod of a dependency."""
        answers = self._oracle.ask([b64encode(data).decode() for data in files])
        return [GoModAnswer(**answer) for answer in answers]
