"""YAML is read fast, and as the round-trip reader reads it: values, lines of keys and errors."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from model.registry.errors import UserError
from model.registry.yaml_source import BAD_YAML, line_of, parse, parse_fast, parse_round_trip, plain, read_yaml

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = [path for name in ("model", "scenarios", "calibration") for path in sorted((ROOT / name).rglob("*.yaml"))]


def lines(value):
    """Line of a mapping or list, of each of its keys or items, and of what these hold."""
    if not isinstance(value, CommentedMap | CommentedSeq):
        return None
    keys = list(value) if isinstance(value, CommentedMap) else range(len(value))
    return line_of(value), [(line_of(value, key), lines(value[key])) for key in keys]


def typed(value):
    """A value with the type of every scalar: 1, 1.0 and True are equal otherwise."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    return type(value), repr(value)


def agree(fast, slow):
    return typed(plain(fast)) == typed(plain(slow)) and lines(fast) == lines(slow)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_both_readers_agree_on_every_shipped_file(path):
    text = path.read_text(encoding="utf-8")
    assert agree(parse_fast(text), parse_round_trip(text))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: NO\nb: yes\nc: on\nd: ~\ne: True", {"a": "NO", "b": "yes", "c": "on", "d": None, "e": True}),
        ("a: 1e6\nb: 1_000\nc: 010\nd: 0o17\ne: .5", {"a": 1e6, "b": 1000, "c": 10, "d": 15, "e": 0.5}),
        ("a: 12:30\nb: 1:2\nc: 2024-04\n", {"a": "12:30", "b": "1:2", "c": "2024-04"}),
        ("a: 2024-04-01", {"a": date(2024, 4, 1)}),
        ("a: 'it''s'\nb: \"\\u00e9\\n\"\nc: x#y # z", {"a": "it's", "b": "é\n", "c": "x#y"}),
        ("a: >\n  one\n  two\nb: |\n  three\n\n  four\n", {"a": "one two\n", "b": "three\n\nfour\n"}),
        ("a: [1, {b: c}, 'd']\ne: {f: }", {"a": [1, {"b": "c"}, "d"], "e": {"f": None}}),
        ("a: &x {b: 1}\nc: *x\nd: &y true", {"a": {"b": 1}, "c": {"b": 1}, "d": True}),
        ("a: &x {b: 1}\nc: {<<: *x, d: 2}", {"a": {"b": 1}, "c": {"b": 1, "d": 2}}),
        ("%YAML 1.2\n---\na: NO", {"a": "NO"}),
        ("1: a\n2.5: b\nnull: c", {"1": "a", "2.5": "b", "None": "c"}),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(text, value):
    document = parse(text)
    assert typed(plain(document)) == typed(value)
    assert agree(document, parse_round_trip(text))


@pytest.mark.parametrize(
    "text",
    [
        "a: {b: 1}\n---\nc: 2", "a: !!set {b}", "%YAML 1.1\n---\na: NO", "a: |#\n b", "? [a, b]\n: c", "a: <<",
        "a: &x {b: 1}\nc: {<<: *x}", "a: \x85b", "\ufeffa: 1", "a: 1\na: 2", "[" * 100_000, "- " * 100_000,
        "a: &x [*x]",
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_the_round_trip_reader(text):
    with pytest.raises(BAD_YAML):
        parse_fast(text)


PIECES = st.sampled_from(
    [
        *"-?:{}[],#|>'\"%@\\=\t\x85é~a", "- ", ": ", " # c", "&x ", "*x", "\n", "\n  ", "\n    ", "b: ", "c: ", "!t ",
        "NO", "true", "1e6", "1_0", "0x1F", "2024-04-01", "12:30", "text, with: marks", "!!str ", "--- ", "<<: *x",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(PIECES, max_size=9).map("".join))
def test_whatever_the_fast_reader_accepts_both_read_alike(text):
    try:
        fast = parse_fast(f"k: {text}")
    except BAD_YAML:
        return
    try:
        slow = parse_round_trip(f"k: {text}")
    except YAMLError:
        # The round-trip reader refuses a block of text after blank lines that are indented less; both are YAML.
        assert "|" in text or ">" in text
        return
    assert agree(fast, slow)


def test_lines_are_known_of_keys_items_and_containers(tmp_path):
    path = tmp_path / "some.yaml"
    path.write_text("# comment\n\na:\n  b: 1\nc:\n  - d\n  - e: 2\n", encoding="utf-8")
    document = read_yaml(path)
    assert (line_of(document), line_of(document, "a"), line_of(document["a"], "b")) == (3, 3, 4)
    assert (line_of(document["c"], 1), line_of(document["c"][1], "e")) == (7, 7)
    assert line_of(document, "z") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", r"some\.yaml:3: 'a': this key appears twice"),
        ("a: {b: 1, b: 2}", r"some\.yaml:1: 'b': this key appears twice"),
        ("a: 1\nb: [1", r"some\.yaml:2: not valid YAML"),
        ("a: b: c", r"some\.yaml:1: not valid YAML"),
        ("a: 1\n---\nb: 2", r"some\.yaml:2: not valid YAML"),
        ("a: *unknown", r"some\.yaml:1: not valid YAML"),
        ("[" * 100_000, r"nests too deeply"),
        ("- a", r"some\.yaml:1: the file must hold 'key: value' lines"),
    ],
)
def test_errors_name_file_and_line(tmp_path, text, message):
    path = tmp_path / "some.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=message):
        read_yaml(path)
