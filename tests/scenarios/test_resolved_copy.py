"""The resolved copy: YAML that reads back to what was written, made once, and a fingerprint of what it holds."""

from __future__ import annotations

import pickle
import random
from dataclasses import replace

import pytest

from model.registry.yaml_source import plain, read_yaml
from model.scenarios import resolved
from model.scenarios.resolver import resolve
from model.scenarios.yaml_text import yaml_text
from model.sectors.model_registry import registry

CELLS = {"discharge.funded_places": [{"value": 450, "where": {"place": "bristol", "pathway": "P1"}}]}


@pytest.fixture(scope="module")
def known():
    return registry()


def read_back(text, folder):
    path = folder / "copy.yaml"
    path.write_text(text, encoding="utf-8")
    return plain(read_yaml(path))


TEXTS = (
    *("", " ", "a b", " a", "a ", "yes", "No", "null", "~", "true", "1", "1.0", "-1", "+ 1/year", "1e6", ".5", "0x1F"),
    *("2019-04-01", "12:30", "a: b", "a:b", "a:", ": a", "a #b", "a#b", "#a", "- a", "-", "a-b", "[a]", "{a}", "a, b"),
    *("a]", "'a'", '"a"', 'a "b" c', "it's", "&a", "*a", "!a", "%a", "@a", "`a", "|", ">", "? a", "?", "a\nb", "a\tb"),
    *("tab\t", "£/year", "£", "é", "日本", "\u2028", "\x07", "😀", "back\\slash", "a, b: c", "---", "...", "<<", "="),
    *("x" * 400, "word " * 60, "a\u00a0b"),
)


def test_texts_and_numbers_read_back_as_they_were(tmp_path):
    numbers = [
        0,
        -7,
        0.1,
        1e-300,
        1e22,
        -0.0,
        5e-324,
        1.7976931348623157e308,
        float("inf"),
        -float("inf"),
        True,
        False,
        None,
    ]
    document = {
        "texts": list(TEXTS),
        "keys": {text: index for index, text in enumerate(TEXTS) if text},
        "nested": [{text: [text]} for text in TEXTS if text],
        "blocks": {text: {"inner": [1, [text, 2], {}]} for text in TEXTS if text},
        "single": {f"k{index}": [text, {"value": text}] for index, text in enumerate(TEXTS)},
        "numbers": numbers,
        "empty": [[], {}, [[]], {"a": []}],
    }
    assert read_back(yaml_text(document), tmp_path) == document


def test_any_nesting_reads_back_as_it_was(tmp_path):
    chance = random.Random(1)

    def made(depth):
        kind = chance.random()
        if depth == 0 or kind < 0.4:
            return chance.choice([*TEXTS, 1, 2.5, None, True, -3e-7])
        size = chance.randrange(6)
        if kind < 0.7:
            return [made(depth - 1) for _ in range(size)]
        return {f"{chance.choice(TEXTS)} {index}": made(depth - 1) for index in range(size)}

    for _ in range(150):
        document = {f"key {index}": made(4) for index in range(3)}
        assert read_back(yaml_text(document), tmp_path) == document


def test_lines_are_wrapped_where_they_can_be(known):
    text = resolve("combined", known, changes={"parameters": CELLS}).to_yaml()
    collections = [line for line in text.splitlines() if line.rstrip().endswith(("}", "]", ","))]
    assert collections
    assert max(map(len, collections)) <= 120


def test_the_copy_is_written_once(known, monkeypatch):
    scenario = resolve("baseline", known)
    first = scenario.to_yaml()
    monkeypatch.setattr(resolved, "yaml_text", None)
    assert scenario.to_yaml() is first
    assert "_yaml" not in pickle.loads(pickle.dumps(scenario)).__dict__


def test_the_fingerprint_is_that_of_all_that_was_resolved(known):
    asked = {"members": 3, "interventions": ["home_first"], "parameters": CELLS}
    scenario = resolve("baseline", known, changes=asked)
    again = resolve("baseline", known, changes=asked)
    assert scenario.fingerprint == again.fingerprint == pickle.loads(pickle.dumps(scenario)).fingerprint
    other_cell = {"discharge.funded_places": [{"value": 450, "where": {"place": "bristol", "pathway": "P2"}}]}
    others = [
        resolve("baseline", known, changes=asked | change)
        for change in (
            {"members": 4},
            {"seed": 1},
            {"interventions": [{"name": "home_first", "scale": 0.9999999}]},
            {"parameters": other_cell},
            {"parameters": {**CELLS, "from": "central"}},
            {"history": "none"},
        )
    ]
    changed = tuple(replace(spec, stream="another") for spec in scenario.modifiers)
    others += [replace(scenario, modifiers=changed), replace(scenario, posterior=None)]
    fingerprints = {each.fingerprint for each in (scenario, *others)}
    assert len(fingerprints) == 1 + len(others)
