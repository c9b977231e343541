"""YAML 1.2 files with the line of every key: ``NO`` stays text, ``1e6`` is a number, a duplicate key is an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from model.registry.errors import Exit, UserError


def read_yaml(path: Path) -> CommentedMap:
    """Read a YAML file whose top is a mapping.

    Raises:
        UserError: missing file, bad syntax, duplicate key, or a top that is not a mapping; with file and line.
    """
    if not path.is_file():
        raise UserError(f"file not found: {path}", code=Exit.MISSING_FILE)
    reader = YAML(typ="rt")
    reader.version = (1, 2)
    try:
        document = reader.load(path.read_text(encoding="utf-8"))
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        key = (error.problem or "").split('"')[1] if '"' in (error.problem or "") else None
        raise UserError(
            "this key stands twice in one mapping; keep one of them.", file=path, line=line, key=key
        ) from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise UserError(f"not valid YAML: {error.problem or error.context}.", file=path, line=line) from error
    except UnicodeDecodeError as error:
        raise UserError("not a UTF-8 text file.", file=path) from error
    except RecursionError as error:
        raise UserError("not valid YAML: it nests too deeply.", file=path) from error
    except (ReaderError, ValueError) as error:
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
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return str(value)
    return value
