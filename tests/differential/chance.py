"""Random small repositories of modules: one seed, one recipe."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.differential import words
from tests.differential.recipe import REPOSITORY, Commit, Merge, Remove, Rewind, Switch, Tag, Write
from tests.fakes.history import Kind

if TYPE_CHECKING:
    from tests.differential.recipe import Recipe, Step

ANY_PLACE = ["", "", "sub/", "v2/", "sub/v2/"]


def random_recipe(seed: int) -> Recipe:
    """Make up some commits on some branches, with tags."""
    rng = random.Random(seed)
    steps: list[Step] = []
    for number in range(rng.randint(1, 5)):
        if number and rng.random() < 0.35:
            steps.append(Switch(rng.choice(["main", *words.BRANCHES])))
        steps += [*_files(rng), Commit(rng.randint(1, 28))]
        if rng.random() < 0.15:
            steps.append(Merge(rng.choice(["main", *words.BRANCHES])))
        steps += [_tag(rng) for _ in range(rng.choice([0, 1, 1, 2, 4]))]
        if rng.random() < 0.15:
            steps.append(Rewind())
    return tuple(steps)


def _tag(rng: random.Random) -> Step:
    how = rng.choices(["plain", "annotated", "tree", "file"], [80, 17, 2, 1])[0]
    return Tag(rng.choice(words.PREFIXES) + rng.choice(words.VERSIONS), how)


def _files(rng: random.Random) -> list[Step]:
    places = dict.fromkeys(rng.sample(words.PLACES, rng.randint(1, 4)))
    steps = [_go_mod(rng, place) for place in places]
    for _ in range(rng.randint(0, 8)):
        path = rng.choice(ANY_PLACE) + rng.choice(words.NAMES)
        kind = rng.choice([Kind.FILE] * 6 + [Kind.EXECUTABLE])
        steps.append(Write(path, rng.choice(words.CONTENTS), kind))
    return steps + [step for chance, step in _rarities(rng) if rng.random() < chance]


def _rarities(rng: random.Random) -> list[tuple[float, Step]]:
    """What few repositories have, and how likely it is."""
    place = rng.choice(ANY_PLACE)
    lines = rng.sample(words.ATTRIBUTES, rng.randint(1, 4))
    return [
        (0.2, Remove(f"{place}go.mod")),
        (0.25, Write(place + rng.choice(words.LINKS), rng.choice(words.LINK_TARGETS), Kind.SYMLINK)),
        (0.1, Write(rng.choice([place, "vendor/x/", "n/"]) + rng.choice(words.BAD_NAMES), b"bad\n")),
        (0.08, Write("third", b"1" * 40, Kind.SUBMODULE)),
        (0.4, Write(rng.choice(["", "sub/"]) + ".gitattributes", "\n".join([*lines, ""]).encode())),
    ]


def _go_mod(rng: random.Random, place: str) -> Step:
    path, right = f"{place}go.mod", f"{REPOSITORY}/{place}".rstrip("/")
    match rng.choices(["absent", "link", "wrong", "right"], [8, 4, 18, 70])[0]:
        case "absent":
            return Remove(path)
        case "link":
            return Write(path, rng.choice([b"real.mod", b"module x.y/z"]), Kind.SYMLINK)
        case "wrong":
            others = ["other.test/x", "other.test/x/v2", "gopkg.in/x.v2", ""]
            return Write(
                path, _text(rng, rng.choice([f"{right}/v1", f"{right}/v2", f"{right}/v3", *others]))
            )
        case _:
            return Write(path, _text(rng, right))


def _text(rng: random.Random, declared: str) -> bytes:
    parts = [rng.choice(part) for part in (words.HEADS, words.MODULE_LINES, words.GO_LINES, words.REST)]
    text = "{}{}{}{}".format(*parts).replace("{}", declared)
    if rng.random() < 0.1:
        text = text.replace("\n", "\r\n")
    return text.encode("latin-1" if "\xe9" in text else "utf-8")
