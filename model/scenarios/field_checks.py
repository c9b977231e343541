"""A YAML file read into its model, with every error at its line and the nearest field beside a misspelt one."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from model.registry.error_collector import ErrorCollector
from model.registry.errors import UserError, nearest_names
from model.registry.yaml_source import line_of, plain

Model = TypeVar("Model", bound=BaseModel)


WORDS = {
    "tuple_type": "expected a list",
    "dict_type": "expected 'key: value' lines",
    "model_type": "expected 'key: value' lines",
    "string_type": "expected a text",
    "too_short": "expected at least one entry",
    "finite_number": "expected a finite number",
}
"""What a kind of error is called where the words of the library speak of Python."""


def _model_inside(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        found = _model_inside(part)
        if found is not None:
            return found
    return None


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def place_of(document: Any, location: tuple[int | str, ...]) -> tuple[int | None, str]:
    """Line of the deepest part of a location that stands in the document, and the location as a dotted key."""
    # A document made from the command line has no lines.
    line = None if document.lc.line is None else line_of(document)
    node, written = document, []
    for part in location:
        inside = (isinstance(node, CommentedMap) and part in node) or (
            isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node)
        )
        if not inside:
            break
        line = line_of(node, part) or line
        written.append(f"[{part + 1}]" if isinstance(part, int) else str(part))
        node = node[part]
    return line, ".".join(written).replace(".[", "[")


def validate(model: type[Model], document: CommentedMap, file: Path) -> Model:
    """Check a document against a model.

    Raises:
        UserError: one error, or ``CombinedError`` with all of them.
    """
    try:
        return model.model_validate(plain(document))
    except ValidationError as failure:
        errors = ErrorCollector()
        for item in failure.errors(include_url=False):
            errors.add(_error(model, document, file, item))
        errors.raise_all()
        raise


def _error(model: type[BaseModel], document: CommentedMap, file: Path, item: dict[str, Any]) -> UserError:
    location = tuple(item["loc"])
    line, key = place_of(document, location)
    if item["type"] == "extra_forbidden":
        inner: type[BaseModel] | None = model
        for part in location[:-1]:
            if inner is not None and isinstance(part, str):
                inner = _model_inside(_fields(inner).get(part)) or inner
        valid = list(_fields(inner or model))
        near = nearest_names(str(location[-1]), valid)
        advice = "" if near else f" Fields are: {', '.join(valid)}."
        return UserError(f"not a field here.{advice}", file=file, line=line, key=key, nearest=near)
    if item["type"] == "missing":
        return UserError(f"the field '{location[-1]}' is missing.", file=file, line=line, key=key or None)
    written = item.get("input")
    message = WORDS.get(item["type"]) or item["msg"].removeprefix("Value error, ")
    if written is None:
        message = "nothing stands here; give a value, or leave the key out"
    shown = f", found {written!r}" if isinstance(written, str | int | float) else ""
    expected = item.get("ctx", {}).get("expected")
    near: tuple[str, ...] = ()
    if expected and isinstance(written, str):
        near = nearest_names(written, [option.strip(" '") for option in str(expected).replace(" or ", ",").split(",")])
    return UserError(f"{message[0].lower()}{message[1:]}{shown}.", file=file, line=line, key=key or None, nearest=near)
