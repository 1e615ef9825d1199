from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.study.config import BenchTable, read_study

if TYPE_CHECKING:
    from pathlib import Path

OWN = '[[target]]\nname = "ours"\nurl = "http://127.0.0.1:8080"\nowned = true\n'


def write(folder: Path, text: str) -> Path:
    file = folder / "study.toml"
    file.write_text(text)
    return file


def test_own_mirrors_and_known_ones_stand_side_by_side(tmp_path: Path) -> None:
    text = f'[study]\nmirrors = ["goproxy.cn"]\n[bench]\nblocks = 7\n{OWN}'
    config = read_study(write(tmp_path, text), {})
    assert [target.name for target in config.targets] == ["ours", "goproxy.cn"]
    assert config.targets[0].owned
    assert config.tables.bench == BenchTable(blocks=7)
    assert config.tables.coverage is None
    assert config.beside("go.sum") == tmp_path / "go.sum"


def test_a_mirror_that_is_named_and_described_is_one(tmp_path: Path) -> None:
    config = read_study(write(tmp_path, f'[study]\nmirrors = ["ours"]\n{OWN}'), {})
    assert [target.name for target in config.targets] == ["ours"]


def test_the_example_is_a_study(tmp_path: Path) -> None:
    text = resources.files("modmirror.lab.study").joinpath("example.toml").read_text(encoding="utf-8")
    config = read_study(write(tmp_path, text), {})
    assert [target.name for target in config.targets] == ["goproxy.cn", "aliyun"]
    # What is commented out is right as well.
    whole = re.sub(r"^# (?=\w+ = |\[)", "", text, flags=re.MULTILINE)
    both = read_study(write(tmp_path, whole.replace("authorization_env", "# authorization_env")), {}).tables
    assert both.load is not None
    assert both.net is not None
    assert both.fault is not None
    assert both.freshness is not None


@pytest.mark.parametrize(
    ("text", "reason", "hint"),
    [
        (f"[bench]\nblock_s = 3\n{OWN}", "there is no such key", 'did you mean "blocks"?'),
        (f"[bnech]\n{OWN}", "there is no such key", 'did you mean "bench"?'),
        (f'[bench]\nblocks = "many"\n{OWN}', "expected int, got str", "--init prints every table"),
        ("[bench\n", "study.toml: ", "--init"),
        ("[bench]\n", "names no mirror", "under [study]"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(tmp_path: Path, text: str, reason: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_study(write(tmp_path, text), {})
    assert reason in caught.value.reason
    assert hint in caught.value.hint


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nothing\.toml") as caught:
        read_study(tmp_path / "nothing.toml", {})
    assert "--init" in caught.value.hint


def test_what_is_no_text_is_said_to_be_none(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_study(file, {})
