"""What the real go command makes of a repository's files: the oracle for `modmirror.mod.zipplan`."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, NamedTuple

from tests.fakes.go_oracle import GoOracle
from tests.fakes.trees import Link, encoded, root_licence

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.fakes.trees import Tree

_PROGRAM = """
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
	modzip "golang.org/x/mod/zip"
)

type file struct {
	Name, Data []byte
	Link       bool
}

func (f file) Path() string                 { return string(f.Name) }
func (f file) Lstat() (fs.FileInfo, error)  { return info{f}, nil }
func (f file) Open() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(f.Data)), nil }

type info struct{ file }

func (i info) Name() string       { return path.Base(i.Path()) }
func (i info) Size() int64        { return int64(len(i.Data)) }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return false }
func (i info) Sys() any           { return nil }
func (i info) Mode() fs.FileMode {
	if i.Link {
		return fs.ModeSymlink | 0o777
	}
	return 0o644
}

type question struct {
	Module, Version string
	Files           []file
}

func create(q question, to string) (h1 string, err error) {
	var files []modzip.File
	for _, f := range q.Files {
		files = append(files, f)
	}
	out, err := os.Create(to)
	if err != nil {
		panic(err)
	}
	defer out.Close()
	if err := modzip.Create(out, module.Version{Path: q.Module, Version: q.Version}, files); err != nil {
		return "", err
	}
	return dirhash.HashZip(to, dirhash.Hash1)
}

func main() {
	dir, err := os.MkdirTemp("", "trees")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	in, out := json.NewDecoder(bufio.NewReader(os.Stdin)), json.NewEncoder(os.Stdout)
	for {
		var q question
		if in.Decode(&q) != nil {
			return
		}
		h1, err := create(q, filepath.Join(dir, "m.zip"))
		answer := map[string]string{"h1": h1}
		if err != nil {
			answer = map[string]string{"error": err.Error()}
		}
		out.Encode(answer)
	}
}
"""


class Case(NamedTuple):
    """A tree, and which module of it is meant."""

    tree: Tree
    module: str
    version: str
    directory: str = ""


class GoTrees:
    """A compiled oracle. ``directory`` is kept until the caller removes it."""

    def __init__(self, go: str, directory: Path) -> None:
        self._oracle = GoOracle(go, directory, _PROGRAM)

    def ask(self, cases: Iterable[Case]) -> list[str]:
        """Return the ``h1:`` of each case's zip, or the empty string where go makes none."""
        questions = [
            {"Module": case.module, "Version": case.version, "Files": _files(case)} for case in cases
        ]
        return [answer.get("h1", "") for answer in self._oracle.ask(questions)]


def _files(case: Case) -> list[dict[str, object]]:
    """The files of the directory, and the licence where it is inherited."""
    prefix = f"{case.directory}/" if case.directory else ""
    files = {
        path.removeprefix(prefix): content for path, content in case.tree.items() if path.startswith(prefix)
    }
    licence = root_licence(case.tree)
    listed = [(path, files[path]) for path in sorted(files, key=encoded)]
    if prefix and licence is not None and "LICENSE" not in files:
        listed.append(("LICENSE", licence))
    return [_file(path, content) for path, content in listed]


def _file(path: str, content: bytes | Link) -> dict[str, object]:
    link = isinstance(content, Link)
    data = content.target.encode() if isinstance(content, Link) else content
    return {"Name": b64encode(encoded(path)).decode(), "Data": b64encode(data).decode(), "Link": link}
