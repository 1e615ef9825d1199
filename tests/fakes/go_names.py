"""What the real go command's own packages say of names: the oracle for `modmirror.mod`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from tests.fakes.go_oracle import GoOracle

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

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


class GoNames:
    """A compiled oracle. ``directory`` is kept until the caller removes it."""

    def __init__(self, go: str, directory: Path) -> None:
        self._oracle = GoOracle(go, directory, _PROGRAM)

    def ask(self, questions: Sequence[Question]) -> list[dict[str, str]]:
        """Answer each pair of texts with what every function says of it."""
        return self._oracle.ask(questions)
