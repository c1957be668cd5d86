"""Whatever file of another system `import` is given: it says what is wrong with it, or writes a topology."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from random import Random

import pytest

import faults
import fuzzing
import mutations
from fuzzing import Texts
from test_import import TEXTS, TOKENS

YAML = """\
a: &a {b: &b [*a, *b]}
lol1: &lol1 [x, x, x, x, x, x, x, x, x]
lol2: &lol2 [*lol1, *lol1, *lol1, *lol1, *lol1, *lol1, *lol1, *lol1, *lol1]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("imports")


def attempt(folder: Path, texts: Texts) -> bool:
    (name, content), = texts.items()
    path = folder / name
    path.unlink(missing_ok=True)
    path.write_bytes(content.encode("latin-1"))
    outcome = faults.run(["import", path.stem, name], folder=folder)
    errors = re.findall(rf"^{re.escape(name)}:\d+:\d+: error\[PF\d{{3}}\]: ", outcome.err, re.MULTILINE)
    assert outcome.status == (1 if errors else 0)
    assert bool(outcome.out) == (outcome.status == 0)
    return outcome.status == 0


def make(random: Random) -> Texts:
    system, suffix, text = random.choice(TEXTS)
    if random.random() < 0.1:
        suffix = random.choice((".json", ".toml", ".yaml", ".YML", ""))
    return {f"{system}{suffix}": mutations.file_damaged(random, text, TOKENS)}


def test_no_damaged_file_harms(folder: Path) -> None:
    assert fuzzing.search("imported files", 0.03, make, partial(attempt, folder))


@pytest.mark.parametrize("name", ["agave.yaml", "loom.yml", "agave.toml", "loom.json"])
def test_yaml_is_not_read_and_so_its_aliases_make_no_circle(folder: Path, name: str) -> None:
    assert not attempt(folder, {name: YAML})
