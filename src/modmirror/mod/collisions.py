"""Which paths of a module collide: equal but for case, twice the same, or file and directory at once.

A module must extract on file systems that do not tell upper from lower case (protocol.md C.4, rule 7).
"""

from __future__ import annotations

from typing import NamedTuple

from modmirror.mod.zipdir import MAX_ENTRIES

MAX_PLACES = 2 * MAX_ENTRIES
"""Files and their directories. The go command has no limit, but no module comes near this one."""

_ROOT = -1


class _Place(NamedTuple):
    """A file or directory that some path has named. ``key`` stands for it in its children's keys."""

    key: int
    element: str
    is_directory: bool


class Collisions:
    """Told one path after the other, says of each whether it can stand beside those before it.

    Kept as a tree, so that time and memory grow with the paths' length, not with its square.
    """

    def __init__(self) -> None:
        self._places: dict[tuple[int, str], _Place] = {}
        # Each directory is looked up once, not for each of its files.
        self._directories = {"": _ROOT}

    def problem(self, path: str, *, is_directory: bool = False) -> str:
        """Note a path and its parent directories; say with what it collides, or return the empty string."""
        directory, _, name = path.rpartition("/")
        parent = self._directories.get(directory)
        if parent is None:
            parent = _ROOT
            for element in directory.split("/"):
                place = self._enter(parent, element, is_directory=True)
                if isinstance(place, str):
                    return place
                parent = place.key
            self._directories[directory] = parent
        place = self._enter(parent, name, is_directory=is_directory)
        return place if isinstance(place, str) else ""

    def _enter(self, parent: int, element: str, *, is_directory: bool) -> _Place | str:
        """Note an element below a place; return its own place, or with what it collides."""
        key = (parent, fold(element))
        place = self._places.get(key)
        if place is None:
            if len(self._places) == MAX_PLACES:
                return f"more than {MAX_PLACES} files and directories"
            place = self._places[key] = _Place(len(self._places), element, is_directory)
        elif place.element != element:
            return f'"{place.element}" and "{element}" differ only in case'
        elif place.is_directory != is_directory:
            return f'"{element}" is both a file and a directory'
        elif not is_directory:
            return "comes twice"
        return place


def fold(name: str) -> str:
    """Fold case one character at a time, so that two names are equal when a file system could think so."""
    if name.isascii():
        return name.lower()
    return "".join(map(_fold_character, name))


def _fold_character(character: str) -> str:
    folded = character.casefold()
    # Unicode simple folding has nothing longer than one character: "ß" and "ẞ" are equal, "ss" is not. NUL,
    # which no name holds, keeps a longer fold from being equal to the same letters one by one.
    return folded if len(folded) == 1 else f"\0{folded}\0"
