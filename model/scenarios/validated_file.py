"""A file that has been read and checked, which knows the line of each of its parts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic

from ruamel.yaml.comments import CommentedMap

from model.registry.catalogue import Registry
from model.registry.declarations import Entry, Flow, Parameter
from model.registry.errors import UserError, nearest_names
from model.registry.yaml_source import read_yaml
from model.scenarios.field_checks import Model, place_of, validate

Location = tuple[int | str, ...]


@dataclass(frozen=True, eq=False)
class Source(Generic[Model]):
    """A checked file.

    Attributes:
        file: where it lies.
        document: the YAML with its lines.
        content: the model that it fills.
    """

    file: Path
    document: CommentedMap
    content: Model

    @classmethod
    def read(cls, model: type[Model], file: Path) -> Source[Model]:
        """Read and check a file.

        Raises:
            UserError: with all errors of the file.
        """
        document = read_yaml(file)
        return cls(file, document, validate(model, document, file))

    def place(self, location: Location = ()) -> str:
        """``file:line`` of a part."""
        line, _ = place_of(self.document, location)
        return f"{self.file.name}:{line}" if line else self.file.name

    def error(self, location: Location, message: str, nearest: tuple[str, ...] = (), key: str = "") -> UserError:
        """An error in a part."""
        line, written = place_of(self.document, location)
        return UserError(message, file=self.file, line=line, key=key or written or None, nearest=nearest)


def lever_of(registry: Registry, name: str, source: Source[Any], location: Location) -> Parameter | Flow:
    """The parameter or flow that a lever names.

    Raises:
        UserError: there is none, or it is something that a lever cannot move.
    """
    entry: Entry | None = registry.entries.get(name)
    if isinstance(entry, Parameter | Flow):
        return entry
    valid = [*registry.parameters, *registry.flows]
    reason = "a result; move what it follows from" if entry else "not a registered parameter or flow"
    raise source.error(location, f"{reason}.", nearest_names(name, valid), key=name)


def check_labels(
    entry: Entry,
    where: dict[str, tuple[str, ...]],
    dimensions: dict[str, tuple[str, ...]],
    source: Source[Any],
    location: Location,
) -> None:
    """Check that an entry has the dimensions named and that these have the labels.

    Raises:
        UserError: the first that it has not.
    """
    for dim, labels in where.items():
        if dim not in entry.dims:
            has = f"has the dimensions {', '.join(entry.dims)}" if entry.dims else "has no dimensions"
            raise source.error(
                (*location, dim), f"{entry.name} {has}.", nearest_names(dim, entry.dims), key=f"where.{dim}"
            )
        for label in labels:
            if label not in dimensions[dim]:
                shown = ", ".join(dimensions[dim][:8]) + (", ..." if len(dimensions[dim]) > 8 else "")
                raise source.error(
                    (*location, dim),
                    f"'{label}' is not a label of {dim} ({shown}).",
                    nearest_names(label, dimensions[dim]),
                    key=f"where.{dim}",
                )
