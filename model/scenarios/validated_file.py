"""A YAML file read into its model: every error at its line, with the nearest valid name beside a misspelt one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from ruamel.yaml.comments import CommentedMap

from model.registry.catalogue import Registry
from model.registry.declarations import Entry, Flow, Parameter
from model.registry.dimensions import DIMENSIONS
from model.registry.error_collector import ErrorCollector
from model.registry.errors import UserError, nearest_names
from model.registry.yaml_source import line_of, plain, read_yaml

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Fields = TypeVar("Fields", bound=BaseModel)

Location = tuple[int | str, ...]
"""Keys and list indices from the top of a document down to a value."""

ERROR_TEXTS = {
    "tuple_type": "expected a list",
    "dict_type": "expected 'key: value' lines",
    "model_type": "expected 'key: value' lines",
    "string_type": "expected a text",
    "too_short": "expected at least one entry",
    "finite_number": "expected a finite number",
}
"""Message of a kind of error where that of the library speaks of Python."""

LABELS_SHOWN = 8


@dataclass(frozen=True, eq=False)
class ValidatedFile(Generic[Fields]):
    """A file that has been read and checked, and knows the line of each of its values.

    Attributes:
        file: its path.
        document: the YAML with its lines.
        content: the fields that it fills.
    """

    file: Path
    document: CommentedMap
    content: Fields

    @classmethod
    def read(cls, model: type[Fields], file: Path) -> ValidatedFile[Fields]:
        """Read and check a file; one that has not changed since is not parsed again.

        Raises:
            UserError: with all errors of the file.
        """
        try:
            content = file.read_bytes()
        except OSError:
            # The reader of YAML says what is wrong with the file.
            content = b""
        return _read(model, file, content)

    @classmethod
    def of_document(cls, model: type[Fields], document: CommentedMap, file: Path) -> ValidatedFile[Fields]:
        """Check a document.

        Args:
            model: fields that it must fill.
            document: the YAML with its lines, or a mapping made in Python, which has none.
            file: path by which errors name it.

        Raises:
            UserError: with all errors of the document.
        """
        try:
            return cls(file, document, model.model_validate(plain(document)))
        except ValidationError as failure:
            errors = ErrorCollector()
            for details in failure.errors(include_url=False):
                errors.add(_field_error(model, document, file, details))
            errors.raise_all()
            raise

    def line(self, location: Location) -> int | None:
        """Return the line of a value; None in a document that has no lines."""
        return _line_and_key(self.document, location)[0]

    def position(self, location: Location = ()) -> str:
        """Return ``file:line`` of a value."""
        line = self.line(location)
        return f"{self.file.name}:{line}" if line else self.file.name

    def error(self, location: Location, message: str, nearest: tuple[str, ...] = (), key: str = "") -> UserError:
        """Return an error at a value."""
        line, dotted_key = _line_and_key(self.document, location)
        return UserError(message, file=self.file, line=line, key=key or dotted_key or None, nearest=nearest)


@lru_cache(maxsize=256)
def _read(model: type[Fields], file: Path, content: bytes) -> ValidatedFile[Fields]:
    return ValidatedFile.of_document(model, read_yaml(file), file)


def _line_and_key(document: CommentedMap, location: Location) -> tuple[int | None, str]:
    """Return the line of the deepest part of a location that is in the document, and that part as a dotted key."""
    # A document made from the command line has no lines.
    line = None if document.lc.line is None else line_of(document)
    node: Any = document
    keys: list[str] = []
    for step in location:
        is_there = (isinstance(node, Mapping) and step in node) or (
            isinstance(node, list) and isinstance(step, int) and step < len(node)
        )
        if not is_there:
            break
        line = line_of(node, step) or line
        keys.append(f"[{step + 1}]" if isinstance(step, int) else str(step))
        node = node[step]
    return line, ".".join(keys).replace(".[", "[")


def _field_error(model: type[BaseModel], document: CommentedMap, file: Path, details: ErrorDetails) -> UserError:
    """Return an error of the library of models in our words, at its line."""
    location = details["loc"]
    line, key = _line_and_key(document, location)
    if details["type"] == "extra_forbidden":
        valid = _fields_at(model, location[:-1])
        nearest = nearest_names(str(location[-1]), valid)
        advice = "" if nearest else f" Fields are: {', '.join(valid)}."
        return UserError(f"not a field here.{advice}", file=file, line=line, key=key, nearest=nearest)
    if details["type"] == "missing":
        return UserError(f"the field '{location[-1]}' is missing.", file=file, line=line, key=key or None)
    value = details["input"]
    message = ERROR_TEXTS.get(details["type"]) or details["msg"].removeprefix("Value error, ")
    if value is None:
        message = "the value is missing; give one, or leave the key out"
    shown = f", found {value!r}" if isinstance(value, str | int | float) else ""
    expected = str(details.get("ctx", {}).get("expected", ""))
    nearest = ()
    if expected and isinstance(value, str):
        nearest = nearest_names(value, [option.strip(" '") for option in expected.replace(" or ", ",").split(",")])
    return UserError(
        f"{message[0].lower()}{message[1:]}{shown}.", file=file, line=line, key=key or None, nearest=nearest
    )


def _fields_at(model: type[BaseModel], location: Location) -> list[str]:
    """Return the names of fields of the model at a location."""
    for step in location:
        if isinstance(step, str):
            model = _model_inside(_annotations(model).get(step)) or model
    return list(_annotations(model))


def _annotations(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _model_inside(annotation: Any) -> type[BaseModel] | None:
    """Return the first model in a type such as ``tuple[Model, ...] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for argument in get_args(annotation) if (model := _model_inside(argument))), None)


def lever_of(registry: Registry, name: str, source: ValidatedFile[Any], location: Location) -> Parameter | Flow:
    """Return the parameter or flow that a lever names.

    Raises:
        UserError: there is none, or a lever cannot move it.
    """
    entry: Entry | None = registry.entries.get(name)
    if isinstance(entry, Parameter | Flow):
        return entry
    valid = [*registry.parameters, *registry.flows]
    reason = "a result; move what it follows from" if entry else "not a registered parameter or flow"
    raise source.error(location, f"{reason}.", nearest_names(name, valid), key=name)


def check_labels(
    entry: Entry, where: Mapping[str, tuple[str, ...]], source: ValidatedFile[Any], location: Location
) -> None:
    """Check that an entry has the dimensions that are named, and these the labels.

    Raises:
        UserError: the first that it has not.
    """
    for dim, labels in where.items():
        if dim not in entry.dims:
            has = f"has the dimensions {', '.join(entry.dims)}" if entry.dims else "has no dimensions"
            raise source.error(
                (*location, dim), f"{entry.name} {has}.", nearest_names(dim, entry.dims), key=f"where.{dim}"
            )
        valid = DIMENSIONS[dim]
        for label in labels:
            if label not in valid:
                shown = ", ".join(valid[:LABELS_SHOWN]) + (", ..." if len(valid) > LABELS_SHOWN else "")
                raise source.error(
                    (*location, dim),
                    f"'{label}' is not a label of {dim} ({shown}).",
                    nearest_names(label, valid),
                    key=f"where.{dim}",
                )
