"""YAML 1.2 files with the line of every key: ``NO`` stays text, ``1e6`` is a number, a duplicate key is an error.

A file is parsed fast first, in C by libyaml where that is installed. Where this does not succeed, the round-trip
reader of ruamel.yaml decides, which is four times as slow: it locates the error, or reads what is not plain YAML (tags,
merge keys, directives).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import ConstructorError, DuplicateKeyError, SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.scalarbool import ScalarBoolean

from model.registry.errors import Exit, UserError

YAML_VERSION = (1, 2)
BAD_YAML = (YAMLError, ValueError, TypeError, LookupError, RecursionError)
"""What the library raises for a text that is not YAML, or that is not plain YAML."""

TAG = "tag:yaml.org,2002:"
SCALARS = ("str", "int", "float", "bool", "null", "timestamp")
NOT_PLAIN = re.compile(r"[\t\x85\u2028\u2029\ufeff]|^%|(?:^|[\s:,\[{])!|[|>][-+\d]*#|^[ ?:-]{200}", re.MULTILINE)
"""What libyaml reads by YAML 1.1 (tabs, line breaks, byte order mark, directives, ``|#``), tags, and deep nesting."""

MOST_BRACKETS = 2_000
"""Opening brackets up to which a text cannot nest so deeply that libyaml, which counts no levels, would crash."""


LONGEST_KNOWN = 40
"""Characters of a plain scalar whose tag is kept: numbers and labels, which come again, and not descriptions."""


class _LineConstructor(SafeConstructor):
    """Builds the mappings and lists that the round-trip reader builds, with their lines and without comments."""

    def construct_lined_mapping(self, node: MappingNode) -> Iterator[CommentedMap]:
        """Mapping with the line of every key and value."""
        mapping = CommentedMap()
        mapping._yaml_set_line_col(node.start_mark.line, node.start_mark.column)
        yield mapping
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode) or value_node in self.recursive_objects:
                self.refuse(key_node)
            key = self.construct_object(key_node, deep=True)
            value = self.construct_object(value_node, deep=True)
            self.check_mapping_key(node, key_node, mapping, key, value)
            of_key, of_value = key_node.start_mark, value_node.start_mark
            mapping._yaml_set_kv_line_col(key, [of_key.line, of_key.column, of_value.line, of_value.column])
            mapping[key] = value

    def construct_lined_sequence(self, node: SequenceNode) -> Iterator[CommentedSeq]:
        """List with the line of every item."""
        sequence = CommentedSeq()
        sequence._yaml_set_line_col(node.start_mark.line, node.start_mark.column)
        yield sequence
        for index, item in enumerate(node.value):
            if item in self.recursive_objects:
                self.refuse(item)
            sequence._yaml_set_idx_line_col(index, [item.start_mark.line, item.start_mark.column])
            sequence.append(self.construct_object(item, deep=True))

    def refuse(self, node: Node) -> NoReturn:
        """Leave a document with this node to the round-trip reader."""
        raise ConstructorError(None, None, f"{node.tag} is not plain", node.start_mark)


_LineConstructor.yaml_constructors = {
    **{TAG + kind: SafeConstructor.yaml_constructors[TAG + kind] for kind in SCALARS},
    TAG + "map": _LineConstructor.construct_lined_mapping,
    TAG + "seq": _LineConstructor.construct_lined_sequence,
    None: _LineConstructor.refuse,
}


class _Resolver(VersionedResolver):
    """Says what a plain scalar is by YAML 1.2, whatever the version that the parser knows; what is alike once."""

    processing_version = YAML_VERSION
    known_tags: ClassVar[dict[str, Any]] = {}

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        """Return the tag of a node."""
        if kind is not ScalarNode or not implicit[0] or len(value) > LONGEST_KNOWN:
            return super().resolve(kind, value, implicit)
        if value not in self.known_tags:
            self.known_tags[value] = super().resolve(kind, value, implicit)
        return self.known_tags[value]


def parse_fast(text: str) -> Any:
    """Parse a document in plain YAML: no tags, merge keys, directives, lists as keys or circles of aliases.

    Raises:
        BAD_YAML: an error, or a document that is not plain.
    """
    if NOT_PLAIN.search(text) or text.count("[") + text.count("{") > MOST_BRACKETS:
        raise YAMLError("not plain YAML 1.2")
    reader = YAML(typ="safe")
    reader.Constructor, reader.Resolver = _LineConstructor, _Resolver
    return reader.load(text)


def parse_round_trip(text: str) -> Any:
    """Parse a document in any YAML 1.2.

    Raises:
        BAD_YAML: bad syntax or a duplicate key.
    """
    reader = YAML(typ="rt")
    reader.version = YAML_VERSION
    return reader.load(text)


def parse(text: str) -> Any:
    """Parse YAML 1.2 to scalars, and to mappings and lists that know the line of each of their keys and items.

    Raises:
        BAD_YAML: bad syntax or a duplicate key.
    """
    try:
        return parse_fast(text)
    except BAD_YAML:
        return parse_round_trip(text)


def read_yaml(path: Path) -> CommentedMap:
    """Read a YAML file whose top is a mapping.

    Raises:
        UserError: missing file, bad syntax, duplicate key, or a top that is not a mapping; with file and line.
    """
    if not path.is_file():
        raise UserError(f"file not found: {path}", code=Exit.MISSING_FILE)
    try:
        document = parse(path.read_text(encoding="utf-8"))
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        key = (error.problem or "").split('"')[1] if '"' in (error.problem or "") else None
        raise UserError(
            "this key appears twice in one mapping; keep one of them.", file=path, line=line, key=key
        ) from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise UserError(f"not valid YAML: {error.problem or error.context}.", file=path, line=line) from error
    except UnicodeDecodeError as error:
        raise UserError("not a UTF-8 text file.", file=path) from error
    except RecursionError as error:
        raise UserError("not valid YAML: it nests too deeply.", file=path) from error
    except (ReaderError, ValueError, TypeError, LookupError) as error:
        raise UserError(f"not valid YAML: {str(error).splitlines()[0]}.", file=path) from error
    if document is None:
        return CommentedMap()
    if not isinstance(document, CommentedMap):
        raise UserError("the file must hold 'key: value' lines.", file=path, line=1)
    return document


def line_of(container: Any, key: Any = None) -> int | None:
    """Line (from 1) of a key of a mapping, an item of a list, or the container itself."""
    if isinstance(container, CommentedMap) and key is not None:
        try:
            return container.lc.key(key)[0] + 1
        except (KeyError, AttributeError, TypeError):
            return None
    if isinstance(container, CommentedSeq) and key is not None:
        try:
            return container.lc.item(key)[0] + 1
        except (KeyError, AttributeError, TypeError, IndexError):
            return None
    if isinstance(container, CommentedMap | CommentedSeq):
        return container.lc.line + 1
    return None


def plain(value: Any) -> Any:
    """The same value in built-in types, without comments and positions."""
    if isinstance(value, CommentedMap):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, CommentedSeq):
        return [plain(item) for item in value]
    if isinstance(value, ScalarBoolean):
        return bool(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return str(value)
    return value
