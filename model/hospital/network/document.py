"""A network file as read: its lines, changes from outside, references resolved, and its errors reported together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from model.hospital.network.field_types import BY_CLASS, OTHERWISE
from model.hospital.network.parameter_references import Location, resolved
from model.hospital.network.schema import NetworkFields
from model.registry.declarations import Parameter
from model.registry.error_collector import raise_all
from model.registry.errors import Exit, UserError, nearest_names
from model.registry.yaml_source import line_of, plain, read_yaml

NAMED = ("points", "streams", "pools")
"""Sections whose entries a change from outside may change but not add."""
WORDS = {
    "tuple_type": "expected a list",
    "dict_type": "expected 'key: value' lines",
    "model_type": "expected 'key: value' lines",
    "model_attributes_type": "expected 'key: value' lines",
    "string_type": "expected a text",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "too_short": "expected at least one entry",
}
"""Errors of the library of fields in the words of a planner."""


def _line(node: Any, key: str) -> int | None:
    """Line of a key, also of one that a merge key (``<<``) brings in."""
    if isinstance(node, CommentedSeq):
        return line_of(node, int(key)) if key.isdigit() else None
    for name in node:
        if str(name) == key and (line := line_of(node, name)) is not None:
            return line
    for merged in getattr(node, "merge", None) or ():
        mapping = merged[1] if isinstance(merged, tuple) else merged
        if isinstance(mapping, CommentedMap) and (line := _line(mapping, key)) is not None:
            return line
    return None


def _child(node: Any, key: str) -> Any:
    if isinstance(node, CommentedSeq):
        return node[int(key)] if key.isdigit() and int(key) < len(node) else None
    if isinstance(node, CommentedMap):
        return next((node[name] for name in node if str(name) == key), None)
    return None


class NetworkDocument:
    """A network file.

    Args:
        file: its path.
        overrides: values by dotted name that take the place of those of the file.

    Raises:
        UserError: no such file, no valid YAML, or a change of something that is not there.
    """

    def __init__(self, file: Path, overrides: Mapping[str, Any] | None = None) -> None:
        self.file = file
        self.errors: list[UserError] = []
        self._document = read_yaml(file)
        self.tree: dict[str, Any] = plain(self._document)
        self._overridden = [tuple(name.split(".")) for name in overrides or {}]
        for name, value in (overrides or {}).items():
            self._override(name, value)
        self.raise_all()

    def _override(self, name: str, value: Any) -> None:
        keys = name.split(".")
        node: Any = self.tree
        for depth, key in enumerate(keys[:-1]):
            names_things = (depth == 0 and key in NAMED) or (depth == 1 and keys[0] in NAMED)
            if isinstance(node, dict) and key not in node and not names_things and key:
                node[key] = {}
            child = node.get(key) if isinstance(node, dict) else None
            if not isinstance(child, dict):
                near = nearest_names(key, node) if isinstance(node, dict) else ()
                shown = ".".join(keys[: depth + 1])
                what = "holds no entries by name; set it as a whole" if key in node else "is not there"
                self.errors.append(UserError(f"'{shown}' {what}.", key=name, nearest=near))
                return
            node = child
        if len(keys) == 2 and keys[0] in NAMED and keys[1] not in node:
            self.errors.append(UserError("this is not there.", key=name, nearest=nearest_names(keys[1], node)))
            return
        node[keys[-1]] = value

    def raise_all(self) -> None:
        """Raise the errors, if there are any.

        Raises:
            UserError: the error, or several in one.
        """
        raise_all(self.errors)

    def locate(self, location: Location) -> tuple[int | None, str, bool]:
        """Line and dotted key of the deepest part of a location that is written, and whether it comes from outside.

        Parts that are not written are passed over, and ``by_class`` and ``otherwise`` are gone through, so that the
        location may be that of the full form where the file has a short one.
        """
        node: Any = self.tree
        lines: Any = self._document
        line = line_of(self._document)
        keys: list[str] = []

        def enter(key: str) -> None:
            nonlocal node, lines, line
            node = node[int(key)] if isinstance(node, list) else node[key]
            line_of_key = _line(lines, key) if isinstance(lines, CommentedMap | CommentedSeq) else None
            line = line_of_key or line
            lines = _child(lines, key)
            keys.append(key)

        for step in map(str, location):
            if isinstance(node, list) and step.isdigit() and int(step) < len(node):
                enter(step)
            elif isinstance(node, dict):
                if step not in node and BY_CLASS in node and isinstance(node[BY_CLASS], dict):
                    enter(BY_CLASS)
                if step in node:
                    enter(step)
                elif OTHERWISE in node and keys and keys[-1] == BY_CLASS:
                    enter(OTHERWISE)
                else:
                    for key, item in node.items():
                        if isinstance(item, dict) and item.get("to") == step:
                            enter(key)
                            break
        outside = any(tuple(keys[: len(path)]) == path for path in self._overridden)
        return (None if outside else line), ".".join(keys), outside

    def where(self, *location: int | str) -> tuple[Path | None, int | None, str]:
        """File, line and key of a part; neither file nor line where it was changed from outside."""
        line, key, outside = self.locate(location)
        return (None if outside else self.file), line, key

    def report(
        self, location: Location, message: str, *, nearest: tuple[str, ...] = (), code: Exit = Exit.INPUT
    ) -> None:
        """Collect an error in a part."""
        line, key, outside = self.locate(location)
        file = None if outside else self.file
        self.errors.append(UserError(message, file=file, line=line, key=key or None, nearest=nearest, code=code))

    def fields(self, parameters: Mapping[str, Parameter] | None = None) -> NetworkFields:
        """The file in its fields, references resolved.

        Raises:
            UserError: all errors of writing.
        """
        tree = resolved(self.tree, self.report, parameters)
        self.raise_all()
        try:
            return NetworkFields.model_validate(tree)
        except ValidationError as failure:
            # A misspelt field is reported, not the field that is missing for it.
            for item in sorted(failure.errors(include_url=False), key=lambda item: item["type"] == "missing"):
                self._translate(item)
            self.raise_all()
            raise

    def _translate(self, item: ErrorDetails) -> None:
        location = tuple(step for step in item["loc"] if step != "[key]")
        kind, context, value = item["type"], item.get("ctx", {}), item.get("input")
        if kind == "extra_forbidden":
            valid = _valid_fields(location[:-1])
            near = nearest_names(str(location[-1]), valid)
            advice = "" if near else f" Fields are: {', '.join(valid)}."
            self.report(location, f"not a field here.{advice}", nearest=near)
        elif kind == "missing":
            if not any(location[-1] in error.nearest for error in self.errors):
                self.report(location[:-1], f"the field '{location[-1]}' is missing.")
        elif value is None:
            self.report(location, "no value is given here; give one, or leave the key out.")
        elif kind == "field":
            self.report(location, f"{context['message']}.", nearest=tuple(context["nearest"]))
        elif kind == "literal_error":
            options = [option.strip(" '") for option in context["expected"].replace(" or ", ",").split(",")]
            message = f"expected {context['expected']}, found {value!r}."
            self.report(location, message, nearest=nearest_names(str(value), options))
        else:
            message = WORDS.get(kind) or item["msg"].removeprefix("Value error, ")
            shown = f", found {value!r}" if isinstance(value, str | int | float) else ""
            self.report(location, f"{message[0].lower()}{message[1:]}{shown}.")


def _models_inside(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for argument in get_args(annotation) if (model := _models_inside(argument))), None)


def _valid_fields(location: Location) -> list[str]:
    """Names of the fields that a part may have."""
    model: type[BaseModel] = NetworkFields
    for step in location:
        known = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
        model = _models_inside(known.get(str(step))) or model
    return [field.alias or name for name, field in model.model_fields.items()]
