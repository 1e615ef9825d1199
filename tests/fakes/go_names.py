"""What the real go command's own packages say of names: the oracle for `modmirror.mod`.

The packages lie in the source tree of the go command. They are copied to a temporary directory each time
and never kept.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

Question: TypeAlias = tuple[str, str]
"""Two texts; what they are depends on the function asked."""

_PROGRAM = """
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"path"
	"strconv"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

func said(text string, err error) string {
	if err != nil {
		return "error"
	}
	return "=" + text
}

func answers(a, b string) map[string]string {
	prefix, major, ok := module.SplitPathVersion(a)
	split := "error"
	if ok {
		split = prefix + " " + major
	}
	matched, err := path.Match(a, b)
	escapedPath, errPath := module.EscapePath(a)
	escapedVersion, errVersion := module.EscapeVersion(a)
	unescapedPath, errUnescapePath := module.UnescapePath(a)
	unescapedVersion, errUnescapeVersion := module.UnescapeVersion(a)
	base, errBase := module.PseudoVersionBase(a)
	rev, errRev := module.PseudoVersionRev(a)
	return map[string]string{
		"check_path":       said("", module.CheckPath(a)),
		"check_file_path":  said("", module.CheckFilePath(a)),
		"split":            split,
		"escape_path":      said(escapedPath, errPath),
		"escape_version":   said(escapedVersion, errVersion),
		"unescape_path":    said(unescapedPath, errUnescapePath),
		"unescape_version": said(unescapedVersion, errUnescapeVersion),
		"canonical":        semver.Canonical(a),
		"prerelease":       semver.Prerelease(a),
		"build":            semver.Build(a),
		"major_minor":      semver.MajorMinor(a),
		"module_canonical": module.CanonicalVersion(a),
		"compare":          strconv.Itoa(semver.Compare(a, b)),
		"check":            said("", module.Check(a, b)),
		"is_pseudo":        strconv.FormatBool(module.IsPseudoVersion(a)),
		"pseudo_base":      said(base, errBase),
		"pseudo_rev":       said(rev, errRev),
		"glob":             said(strconv.FormatBool(matched), err),
		"patterns":         strconv.FormatBool(module.MatchPrefixPatterns(a, b)),
	}
}

func main() {
	in, out := json.NewDecoder(bufio.NewReader(os.Stdin)), json.NewEncoder(os.Stdout)
	for {
		var q [2]string
		if in.Decode(&q) != nil {
			return
		}
		out.Encode(answers(q[0], q[1]))
	}
}
"""

_GO_MOD = """
module oracle

go 1.24

require golang.org/x/mod v0.0.0

replace golang.org/x/mod => ./mod
"""


class GoNames:
    """A compiled oracle. ``directory`` is kept until the caller removes it."""

    def __init__(self, go: str, directory: Path) -> None:
        self._directory = directory
        root = self._run([go, "env", "GOROOT"], "").strip()
        shutil.copytree(Path(root, "src/cmd/vendor/golang.org/x/mod"), directory / "mod")
        (directory / "mod/go.mod").write_text("module golang.org/x/mod\n\ngo 1.24\n")
        (directory / "go.mod").write_text(_GO_MOD)
        (directory / "main.go").write_text(_PROGRAM)
        self._run([go, "build", "-o", "oracle", "."], "")

    def ask(self, questions: Sequence[Question]) -> list[dict[str, str]]:
        """Answer each pair of texts with what every function says of it."""
        output = self._run(["./oracle"], "\n".join(map(json.dumps, questions)))
        answers = [json.loads(line) for line in output.splitlines()]
        assert len(answers) == len(questions)
        return answers

    def _run(self, command: list[str], text: str) -> str:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GO")}
        local = {"GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOSUMDB": "off", "GOTOOLCHAIN": "local"}
        done = subprocess.run(
            command,
            input=text.encode(),
            capture_output=True,
            cwd=self._directory,
            env={**kept, **local, "GOWORK": "off"},
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()
