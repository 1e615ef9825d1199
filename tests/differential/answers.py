"""Asks the go command and the mirror the same questions, and puts their answers into the same words."""

from __future__ import annotations

import base64
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from modmirror.mod import semver
from tests.fakes.gomodules import escape
from tests.fakes.zips import slow_h1

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.e2e.go import GoCommand
    from tests.e2e.mirror import MirrorProcess

CLIENTS = 8
_PER_COMMAND = 400
"""Arguments of one run of go."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a version query is. Empty fields: there is none."""

    version: str = ""
    time: str = ""
    go_mod: str = ""
    """``h1:`` of go.mod, as in go.sum."""
    zip: str = ""
    """``h1:`` of the zip."""


@dataclass(frozen=True, slots=True)
class Told:
    """An answer, and the reason where it is not whole."""

    answer: Answer
    reason: str = ""


class GoSide:
    """The go command in direct mode."""

    def __init__(self, go: GoCommand) -> None:
        self._go = go

    def download(self, questions: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Told]:
        """``go mod download`` of each module path and version query."""
        found = {}
        for each in self._run(
            ("mod", "download", "-json"), [f"{path}@{query}" for path, query in questions]
        ):
            answer = Answer()
            if "GoMod" in each:
                info = json.loads(Path(each["Info"]).read_text(encoding="utf-8"))
                answer = Answer(
                    info["Version"], info["Time"], _h1_of_go_mod(each["GoMod"]), each.get("Sum", "")
                )
            asked = each.get("Query") or each["Version"]
            found[each["Path"], asked] = Told(answer, each.get("Error", ""))
        return found

    def latest(self, modules: Iterable[str]) -> dict[str, Told]:
        """``go list -m M@latest`` of each module path: its version alone."""
        lines = self._run(("list", "-m", "-e", "-json"), [f"{path}@latest" for path in modules])
        return {
            each["Path"]: Told(
                Answer() if "Error" in each else Answer(each["Version"], each["Time"]), _err(each)
            )
            for each in lines
        }

    def versions(self, modules: Iterable[str]) -> dict[str, tuple[tuple[str, ...], str]]:
        """``go list -m -versions`` of each module path, with retracted ones, and what went wrong."""
        lines = self._run(("list", "-m", "-e", "-json", "-versions", "-retracted"), list(modules))
        return {each["Path"]: (tuple(each.get("Versions", ())), _err(each)) for each in lines}

    def _run(self, command: tuple[str, ...], arguments: list[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for at in range(0, len(arguments), _PER_COMMAND):
            done = self._go.run(*command, *arguments[at : at + _PER_COMMAND])
            decoder, text = json.JSONDecoder(), done.stdout.strip()
            assert text, done.stderr
            while text:
                value, end = decoder.raw_decode(text)
                found.append(value)
                text = text[end:].lstrip()
        return found


class MirrorSide:
    """A mirror whose only upstream is ``direct``, asked as the go command would ask it."""

    def __init__(self, mirror: MirrorProcess) -> None:
        self._mirror = mirror

    def download(self, questions: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Told]:
        """Resolve each version query, then get the files of the version."""
        asked = list(questions)
        with ThreadPoolExecutor(CLIENTS) as pool:
            return dict(zip(asked, pool.map(self._download, asked), strict=True))

    def latest(self, modules: Iterable[str]) -> dict[str, Told]:
        """``@latest``, which clients ask for where the list will not do."""
        found = {}
        for module in modules:
            body, reason = self._get(f"{escape(module)}/@latest")
            found[module] = Told(_answer(body), reason)
        return found

    def versions(self, modules: Iterable[str]) -> dict[str, tuple[tuple[str, ...], str]]:
        """``list``; the reason is that of a 404."""
        found = {}
        for module in modules:
            body, reason = self._get(f"{escape(module)}/@v/list")
            found[module] = (tuple((body or b"").decode().splitlines()), reason)
        return found

    def _download(self, question: tuple[str, str]) -> Told:
        module, query = question
        body, reason = self._get(_path(module, query, "info"))
        if (
            body is None
            and query != semver.canonical(query)
            and semver.build(query) not in {"", "+incompatible"}
        ):
            # Clients then ask for the version without the metadata (protocol.md A.9).
            body, reason = self._get(_path(module, semver.canonical(query), "info"))
        if body is None:
            return Told(Answer(), reason)
        answer = _answer(body)
        go_mod, _ = self._get(_path(module, answer.version, "mod"))
        archive, reason = self._get(_path(module, answer.version, "zip"))
        hashes = (
            _h1(go_mod) if go_mod is not None else "",
            slow_h1(archive) if archive is not None else "",
        )
        return Told(Answer(answer.version, answer.time, *hashes), reason)

    def _get(self, path: str) -> tuple[bytes | None, str]:
        status, body, _ = self._mirror.get(path)
        assert status in {200, 404}, (path, status, body)
        return (body, "") if status == 200 else (None, body.decode())


def _answer(body: bytes | None) -> Answer:
    if body is None:
        return Answer()
    info = json.loads(body)
    return Answer(info["Version"], info["Time"])


def _path(module: str, query: str, kind: str) -> str:
    return f"{escape(module)}/@v/{quote(escape(query), safe='+')}.{kind}"


def _err(each: dict[str, Any]) -> str:
    return str(each.get("Error", {}).get("Err", ""))


def _h1_of_go_mod(file: str) -> str:
    return _h1(Path(file).read_bytes())


def _h1(go_mod: bytes) -> str:
    line = f"{hashlib.sha256(go_mod).hexdigest()}  go.mod\n".encode()
    return "h1:" + base64.b64encode(hashlib.sha256(line).digest()).decode()
