"""Fields of a network file, with short ways of writing; their descriptions make the JSON Schema.

What a field means for the network is settled in ``network_files``; whether the network makes sense, in
``network_checks``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from math import inf
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from model.hospital.network.field_types import (
    BY_CLASS,
    EVERY_CLASS,
    OTHERWISE,
    Day,
    DayFactors,
    Days,
    HourFactors,
    Json,
    LeavingHours,
    Money,
    Name,
    Number,
    Places,
    Rate,
    RelativePerDay,
    Share,
    ShareOrRest,
    Time,
    Week,
    Whole,
    field_error,
    json_number,
)
from model.hospital.network.network import DISTRIBUTION_KINDS
from model.hospital.network.quantities import NUMBER_ALONE, RATE, SHARE, TIME, Quantity


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | str | Quantity) and not isinstance(value, bool)


class Strict(BaseModel):
    """Frozen fields in which an unknown one is an error.

    Attributes:
        short: JSON Schema of the short ways of writing the whole.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
    short: ClassVar[tuple[Json, ...]] = ()

    def given(self, *names: str) -> tuple[str, ...]:
        """Those of the fields that are given."""
        return tuple(name for name in names if getattr(self, name) is not None)


class OneOf(Strict):
    """Fields of which exactly one is given; ``alone`` names the one that a bare value means.

    Attributes:
        alternatives: names of the fields.
        alone: field of a bare number or text.
    """

    alternatives: ClassVar[tuple[str, ...]] = ()
    alone: ClassVar[str] = ""

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        return {cls.alone: value} if cls.alone and _is_number(value) else value

    @model_validator(mode="after")
    def _one(self) -> OneOf:
        given = self.given(*self.alternatives)
        if len(given) != 1:
            names = [type(self).model_fields[name].alias or name for name in self.alternatives]
            have = f"found {' and '.join(given)}" if given else "found none"
            raise field_error(f"expected exactly one of {', '.join(names)}; {have}")
        return self


class TwoOf(Strict):
    """Two numbers that fix a distribution; ``pairs`` are those that may go together."""

    pairs: ClassVar[tuple[tuple[str, str], ...]] = ()

    @model_validator(mode="after")
    def _pair(self) -> TwoOf:
        given = self.given(*type(self).model_fields)
        if given not in [tuple(name for name in type(self).model_fields if name in pair) for pair in self.pairs]:
            ways = " or ".join(f"{first} and {second}" for first, second in self.pairs)
            raise field_error(f"expected {ways}; found {' and '.join(given) or 'none'}")
        return self


class ExponentialFields(OneOf):
    """Exponential times."""

    alternatives = ("mean", "rate")
    alone = "mean"
    short = (json_number(TIME),)
    mean: Time | None = Field(None, description="mean")
    rate: Rate | None = Field(None, description="one over the mean")


class LognormalFields(TwoOf):
    """Lognormal times."""

    pairs = (("mean", "median"), ("mean", "sigma"), ("median", "sigma"), ("mean", "sd"))
    mean: Time | None = Field(None, description="mean")
    median: Time | None = Field(None, description="median")
    sigma: Number | None = Field(None, description="standard deviation of the logarithm")
    sd: Time | None = Field(None, description="standard deviation")


class GammaFields(TwoOf):
    """Gamma times."""

    pairs = (("mean", "shape"), ("mean", "sd"))
    mean: Time | None = Field(None, description="mean")
    shape: Number | None = Field(None, description="shape; 1 is exponential, larger is less variable")
    sd: Time | None = Field(None, description="standard deviation")


class WeibullFields(TwoOf):
    """Weibull times."""

    pairs = (("mean", "shape"), ("scale", "shape"))
    mean: Time | None = Field(None, description="mean")
    scale: Time | None = Field(None, description="scale")
    shape: Number | None = Field(None, description="shape; 1 is exponential, larger is less variable")


class EmpiricalFields(OneOf):
    """Observed times."""

    alternatives = ("values", "csv")
    values: tuple[Days, ...] | None = Field(None, min_length=1, description="times; bare numbers are days")
    weights: tuple[Number, ...] | None = Field(
        None, min_length=1, description="weight of each value; equal where left out"
    )
    csv: str | None = Field(None, description="file with the columns days and, if given, weight")


class DistributionFields(OneOf):
    """A distribution of times; a bare time is fixed."""

    alternatives: ClassVar[tuple[str, ...]] = DISTRIBUTION_KINDS
    alone = "deterministic"
    short = (json_number(TIME),)
    deterministic: Time | None = Field(None, description="always the same time")
    exponential: ExponentialFields | None = Field(None, description="exponential: its mean, or its rate")
    lognormal: LognormalFields | None = Field(None, description="two of mean, median, sigma; or mean and sd")
    gamma: GammaFields | None = Field(None, description="mean and shape, or mean and sd")
    weibull: WeibullFields | None = Field(None, description="mean and shape, or scale and shape")
    empirical: EmpiricalFields | None = Field(None, description="observed times")


class StayFields(DistributionFields):
    """A distribution for all classes, or one for each."""

    alternatives: ClassVar[tuple[str, ...]] = (*DISTRIBUTION_KINDS, BY_CLASS)
    by_class: dict[str, DistributionFields] | None = Field(None, description="by class, and 'otherwise'")


class RouteFields(Strict):
    """A route; a bare share is short for ``{share: ...}``."""

    short = (json_number(SHARE),)
    share: ShareOrRest = Field(description="probability, or 'rest'")
    to: str | None = Field(None, description="a point or exit; the name of the route where left out")
    preparation: DistributionFields | None = Field(None, description="time from the end of the stay until ready")
    transfer: DistributionFields | None = Field(None, description="time for which the place left is still held")

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        return {"share": value} if _is_number(value) else value


class WaitingFields(OneOf):
    """A way to stop waiting."""

    alternatives = ("after", "rate")
    after: DistributionFields | None = Field(None, description="time from joining the wait")
    rate: Rate | None = Field(None, description="rate at which those who wait leave")
    to: str | None = Field(None, description="a point, an exit or 'back'; the name of the way where left out")


class _ByClass(Strict):
    """Entries by name, for all classes or for each."""

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        if isinstance(value, dict) and BY_CLASS not in value:
            return {BY_CLASS: {OTHERWISE: value}}
        return value


def _entries(fields: str) -> Json:
    return {"type": "object", "additionalProperties": {"$ref": f"#/$defs/{fields}"}}


class RoutesFields(_ByClass):
    """Routes by name, for all classes or by class."""

    short = (_entries("RouteFields"),)
    by_class: dict[str, dict[str, RouteFields]] = Field(description="by class, and 'otherwise'")


class WaysOutFields(_ByClass):
    """Ways to stop waiting by name, for all classes or by class."""

    short = (_entries("WaitingFields"),)
    by_class: dict[str, dict[str, WaitingFields]] = Field(description="by class, and 'otherwise'")


class PeriodFields(OneOf):
    """A number, or numbers by hours of the week."""

    alternatives: ClassVar[tuple[str, ...]] = ("always", "week")
    alone = "always"
    short = (json_number(NUMBER_ALONE),)
    always: Places | None = Field(None, description="number at all hours")
    week: Week | None = Field(None, description="numbers by hours of the week")


class CalendarFields(PeriodFields):
    """A number, numbers by hours of the week, or either by date."""

    alternatives: ClassVar[tuple[str, ...]] = ("always", "week", "dated")
    dated: dict[Day, PeriodFields] | None = Field(
        None, alias="from", min_length=1, description="by the date from which it holds"
    )


class RateFields(OneOf):
    """A rate, rates by date, or daily arrivals from a file."""

    alternatives = ("always", "dated", "csv")
    alone = "always"
    short = (json_number(RATE),)
    always: Rate | None = Field(None, description="rate at all times")
    dated: dict[Day, Rate] | None = Field(
        None, alias="from", min_length=1, description="by the date from which it holds"
    )
    csv: str | None = Field(None, description="file with the columns date and arrivals (per day, until the next row)")
    then: Literal["last", "repeat"] | None = Field(None, description="what holds after the end of the file")


class StreamFields(Strict):
    """A stream of arrivals."""

    to: str = Field(description="point at which they arrive")
    rate: RateFields = Field(description="arrivals per time")
    classes: dict[str, ShareOrRest] | None = Field(None, description="share of each class")
    hours: HourFactors | None = Field(None, description="factors by hour of the day or week")
    days: DayFactors | None = Field(None, description="factors by day of the week")
    regular: bool = Field(False, description="evenly spaced instead of random")
    cancelled_above: Share | None = Field(
        None, description="share of places in use from which on arrivals are cancelled"
    )


class QueueFields(Strict):
    """Who may wait; a bare number is the limit."""

    short = (json_number(NUMBER_ALONE),)
    limit: Places = Field(inf, description="most who may wait without a place, or 'unlimited'")
    waits_in_place: bool = Field(True, description="whether patients wait in the place that they hold")

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        return {"limit": value} if _is_number(value) else value


class OverflowFields(Strict):
    """When and how another point's places are used."""

    opens_when_waiting: Whole = Field(1, description="least number waiting for its places to be used")
    stay_multiplier: Number = Field(1.0, description="factor of the stay there")


class StaffFields(Strict):
    """Staff that a place in use needs."""

    pool: str = Field(description="name of the pool")
    per_place: Number = Field(description="staff per place in use")


class CostFields(Strict):
    """Cost per patient and time."""

    treated: Money = Field(0.0, description="in the stay")
    delayed: Money = Field(0.0, description="in the place after the stay")
    waiting: Money = Field(0.0, description="waiting without a place")


def _by_class(value: Any) -> Any:
    return {EVERY_CLASS: value} if _is_number(value) else value


NumberByClass = Annotated[dict[str, Whole], BeforeValidator(_by_class)]


class StartingFields(Strict):
    """Patients at time 0."""

    patients: NumberByClass = Field(default_factory=dict, description="in their stay")
    queue: NumberByClass = Field(default_factory=dict, description="waiting")


class WatchFields(Strict):
    """A duration counted over a threshold."""

    measure: Literal["wait", "stay", "delay", "since_arrival"] = Field(description="which duration")
    over: Time = Field(description="threshold")
    to: str | None = Field(None, description="only those who leave for this point or exit (delay, since_arrival)")


def _overflow(value: Any) -> Any:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return value
    if len(set(names)) < len(names):
        raise field_error("a point appears twice")
    return {name: {} for name in names}


class PointFields(Strict):
    """A service point."""

    places: CalendarFields = Field(description="a number, 'unlimited', or a calendar")
    queue: QueueFields = Field(default_factory=QueueFields, description="limit of the queue")
    priority: NumberByClass = Field(default_factory=dict, description="lower is served first")
    stay: StayFields | None = Field(None, description="distribution of the stay")
    routes: RoutesFields | None = Field(None, description="where patients go")
    while_waiting: WaysOutFields | None = Field(None, description="ways to stop waiting")
    overflow: Annotated[dict[str, OverflowFields], BeforeValidator(_overflow)] = Field(
        default_factory=dict, description="points used when this one is full, in order"
    )
    leaving_hours: LeavingHours | None = Field(None, description="hours of the week in which patients may leave")
    staff: StaffFields | None = Field(None, description="staff that a place in use needs")
    costs: CostFields = Field(default_factory=CostFields, description="cost per patient and time")
    stay_per_delayed_day: RelativePerDay = Field(0.0, description="relative lengthening of the stay per day of delay")
    most_lengthening: Share = Field(0.0, description="greatest relative lengthening")
    starting: StartingFields = Field(default_factory=StartingFields, description="patients at time 0")
    watches: dict[Name, WatchFields] = Field(default_factory=dict, description="durations counted over thresholds")


class RunFields(Strict):
    """Defaults of a run."""

    days: Days = Field(365.0, description="days recorded, after the warm-up")
    warm_up: Days = Field(0.0, description="days before anything is recorded")
    replications: Whole = Field(10, description="number of replications")
    record_days: Days = Field(1.0, description="length of an interval of the results")
    seed: Whole = Field(1, description="seed of the random numbers")


class NetworkFields(Strict):
    """A network file."""

    name: Name | None = Field(None, description="name; that of the file where left out")
    description: str = Field("", description="what it is")
    start: Day = Field(date(2024, 1, 1), description="date of day 0")
    classes: tuple[Name, ...] = Field(("patient",), min_length=1, description="names of the classes of patients")
    streams: dict[Name, StreamFields] = Field(default_factory=dict, description="arrivals by name")
    points: dict[Name, PointFields] = Field(min_length=1, description="service points by name")
    pools: dict[Name, CalendarFields] = Field(default_factory=dict, description="staff by name of the pool")
    exits: tuple[Name, ...] = Field(min_length=1, description="names of all ways out")
    run: RunFields = Field(default_factory=RunFields, description="defaults of a run")
    shared: Any = Field(None, description="anything written once and used through YAML anchors; not read by itself")


def network_json_schema() -> Json:
    """The JSON Schema of a network file, for editors."""
    schema = NetworkFields.model_json_schema()
    defined = schema["$defs"]
    for fields in _all_fields(Strict):
        if fields.short and fields.__name__ in defined:
            defined[fields.__name__] = {"anyOf": [*fields.short, defined[fields.__name__]]}
    return schema


def _all_fields(fields: type[Strict]) -> Iterator[type[Strict]]:
    for inner in fields.__subclasses__():
        yield inner
        yield from _all_fields(inner)
