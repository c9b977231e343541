"""What a sector declares: stocks, flows, outputs, loops and parameters, with name, dimensions, unit and meaning."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

import numpy as np

OUTSIDE = "outside"
"""Source or target of a flow that crosses the boundary of the model."""

UNBOUNDED = (-np.inf, np.inf)
NOT_NEGATIVE = (0.0, np.inf)
UP_TO_ONE = (0.0, 1.0)
"""Bounds of an entry: lowest and highest possible value."""


class Kind(StrEnum):
    """What a number is, which decides how it is sampled in time and how it may be changed."""

    STOCK = "stock"
    FLOW = "flow"
    RATE = "rate"
    PROBABILITY = "probability over a period"
    SHARE = "share"
    MONEY = "money"
    COUNT = "count"
    DURATION = "duration"
    INDEX = "index"
    SWITCH = "switch"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Anything in the registry.

    Attributes:
        name: dotted name, ``sector.quantity``.
        description: one sentence of meaning.
        unit: unit as users read it (``patients``, ``1/year``, ``£/day``; ``1`` for a pure number).
        dims: names of its dimensions, in array order, without the member axis.
        source: evidence ids, a publication, or a text that begins with ``assumption``.
        bounds: lowest and highest possible value.
        label: short label for tables and figures; the description where it is empty.
    """

    name: str
    description: str
    unit: str
    dims: tuple[str, ...] = ()
    source: str = ""
    bounds: tuple[float, float] = UNBOUNDED
    label: str = ""

    @property
    def sector(self) -> str:
        """The part of the name before the first dot."""
        return self.name.split(".", 1)[0]

    @property
    def title(self) -> str:
        """The label for tables and figures."""
        return self.label or self.description.rstrip(".")


@dataclass(frozen=True, kw_only=True)
class Stock(Entry):
    """A quantity at a moment. ``substance`` is what is conserved: people, patients, staff or money, or an index."""

    substance: str
    recorded: bool = True
    kind: Kind = Kind.STOCK


@dataclass(frozen=True, kw_only=True)
class Flow(Entry):
    """A quantity moved over a period from ``origin`` to ``target``; ``dims`` are those in which it is recorded."""

    origin: str
    target: str
    recorded: bool = True
    kind: Kind = Kind.FLOW


@dataclass(frozen=True, kw_only=True)
class Output(Entry):
    """A quantity that a sector derives: a signal to other sectors, a result, or both.

    Attributes:
        kind: a ``Kind.FLOW`` or ``Kind.MONEY`` output is a total over the step and adds up over a period;
            every other kind is averaged over it.
        better: ``lower`` or ``higher`` where one direction is an improvement, else empty.
    """

    kind: Kind = Kind.RATE
    better: str = ""
    recorded: bool = True

    @property
    def adds_up(self) -> bool:
        """Whether values over months add up to a year (else they are averaged)."""
        return self.kind in (Kind.FLOW, Kind.MONEY)


@dataclass(frozen=True, kw_only=True)
class Memory(Entry):
    """What a sector remembers from one step to the next beside its stocks: part of the state, not of the results."""

    recorded: bool = False
    kind: Kind = Kind.INDEX


@dataclass(frozen=True)
class Declare:
    """Declares the stocks, flows and outputs of one sector by the part of their name after the dot.

    Attributes:
        sector: name of the sector.
        output_bounds: bounds of its outputs where none are given.
    """

    sector: str
    output_bounds: tuple[float, float] = UNBOUNDED

    def full_name(self, name: str) -> str:
        """Return the registered name: that of another sector, which has a dot, and ``OUTSIDE`` as they are."""
        return name if name == OUTSIDE or "." in name else f"{self.sector}.{name}"

    def stock(
        self,
        name: str,
        description: str,
        unit: str,
        substance: str,
        dims: tuple[str, ...] = (),
        *,
        label: str = "",
        bounds: tuple[float, float] = NOT_NEGATIVE,
        recorded: bool = True,
    ) -> Stock:
        """Declare a stock (see ``Stock``)."""
        return Stock(
            name=self.full_name(name),
            description=description,
            unit=unit,
            substance=substance,
            dims=dims,
            label=label,
            bounds=bounds,
            recorded=recorded,
        )

    def flow(
        self,
        name: str,
        description: str,
        unit: str,
        origin: str,
        target: str,
        dims: tuple[str, ...] = (),
        *,
        kind: Kind = Kind.FLOW,
        recorded: bool = True,
    ) -> Flow:
        """Declare a flow between two stocks, or a stock and ``OUTSIDE`` (see ``Flow``)."""
        return Flow(
            name=self.full_name(name),
            description=description,
            unit=unit,
            origin=self.full_name(origin),
            target=self.full_name(target),
            dims=dims,
            kind=kind,
            bounds=NOT_NEGATIVE,
            recorded=recorded,
        )

    def output(
        self,
        name: str,
        description: str,
        unit: str,
        kind: Kind,
        dims: tuple[str, ...] = (),
        *,
        label: str = "",
        better: str = "",
        bounds: tuple[float, float] | None = None,
        recorded: bool = True,
    ) -> Output:
        """Declare an output (see ``Output``)."""
        return Output(
            name=self.full_name(name),
            description=description,
            unit=unit,
            kind=kind,
            dims=dims,
            label=label,
            better=better,
            bounds=self.output_bounds if bounds is None else bounds,
            recorded=recorded,
        )

    def memory(self, name: str, description: str, unit: str, dims: tuple[str, ...] = ()) -> Memory:
        """Declare what the sector remembers between steps (see ``Memory``)."""
        return Memory(name=self.full_name(name), description=description, unit=unit, dims=dims)


Named = TypeVar("Named", bound=Entry)


def named(entries: Iterable[Named], name: str) -> Named:
    """Return the entry of that name, or whose name ends with it after the dot, so that others can import it."""
    return next(entry for entry in entries if name in (entry.name, entry.name.partition(".")[2]))


@dataclass(frozen=True)
class Link:
    """One arrow of a loop: ``cause`` raises (+1) or lowers (-1) ``effect``; both are registered names."""

    cause: str
    effect: str
    sign: int


@dataclass(frozen=True, kw_only=True)
class Loop:
    """A feedback loop and the parameter that is its gain (1 as evidence has it, 0 switched off).

    Attributes:
        identifier: R1..R7 or B1..B5, as in the loop register.
        name: its course in a few words.
        links: the arrows, in order, closing on the first cause.
        gain: name of its gain parameter.
        strength: parameters that set how strongly it acts; at zero gain they change nothing.
        shows_in: the output by which its action is seen, and the sign of its action on that output.
    """

    identifier: str
    name: str
    description: str
    links: tuple[Link, ...]
    gain: str
    strength: tuple[str, ...]
    shows_in: tuple[str, int]

    @property
    def polarity(self) -> int:
        """+1 for a reinforcing loop, -1 for a balancing one: the product of its links' signs."""
        return int(np.prod([link.sign for link in self.links]))


@dataclass(frozen=True, kw_only=True)
class Parameter(Entry):
    """A number, or a table of numbers, that a user may change.

    Attributes:
        kind: what it is.
        value: central value, shape of ``dims``.
        low: lower limit of the evidence, same shape; equal to ``value`` where it is not uncertain.
        high: upper limit of the evidence, same shape.
        distribution: ``fixed``, ``uniform``, ``triangular`` (mode at ``value``) or ``loguniform``.
        origin: file and line from which it was read.
    """

    kind: Kind
    value: np.ndarray = field(repr=False)
    low: np.ndarray = field(repr=False)
    high: np.ndarray = field(repr=False)
    distribution: str = "fixed"
    origin: str = ""

    def __eq__(self, other: Any) -> bool:
        """Parameters are compared by identity of name: values are arrays."""
        return isinstance(other, Parameter) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)
