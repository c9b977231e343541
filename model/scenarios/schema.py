"""Fields of scenario, package, future, history and intervention files; their descriptions make the JSON Schema."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, field_validator, model_validator

DateText = float | str | date
FinancialYear = Annotated[str, Field(pattern=r"^\d{4}/\d{2}$")]
EvidenceGrade = Literal["strong", "moderate", "weak", "assumption", "null"]
Amount = Annotated[float | str, Field(description="a number, or a text with its unit such as '5 %/year'")]


class StrictModel(BaseModel):
    """A frozen model in which an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list | tuple) or value is None else [value]


def _as_labels(value: Any) -> Any:
    items = _as_list(value)
    if not isinstance(items, list | tuple):
        return items
    return [str(item) if isinstance(item, int) else item for item in items]


Names = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
Labels = Annotated[tuple[str, ...], BeforeValidator(_as_labels), Field(min_length=1)]
Where = dict[str, Labels]

CENTRAL, POSTERIOR, FROM = "central", "posterior", "from"
"""Where numbers come from that a scenario does not set, and the key among its parameters that says so."""


def _as_origin(value: Any) -> Any:
    return {FROM: value} if isinstance(value, str) else value


Values = Annotated[
    dict[str, Any],
    BeforeValidator(_as_origin),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "description": "'posterior', 'central' or a file of fitted draws"},
                {"type": "object", "properties": {FROM: {"type": "string"}}, "additionalProperties": True},
            ]
        }
    ),
]
LONGEST = 1200
"""Most months of any timing: a hundred years."""


class EvidenceRange(StrictModel):
    """A central value with the least and the greatest that the evidence allows."""

    low: Amount | None = Field(None, description="least effect (or cost); the central value where it is left out")
    central: Amount = Field(description="central value")
    high: Amount | None = Field(None, description="greatest effect (or cost); the central value where it is left out")

    @model_validator(mode="before")
    @classmethod
    def _single(cls, value: Any) -> Any:
        return {"central": value} if isinstance(value, int | float | str) else value


class TargetGroup(StrictModel):
    """Whom an intervention is for; it narrows every lever that has the dimension."""

    place: Labels | None = Field(None, description="council areas")
    age_band: Labels | None = Field(None, description="five-year age bands")
    deprivation: Labels | None = Field(None, description="fifths of deprivation, 1 the most deprived")
    segment: Labels | None = Field(None, description="core segments CS1 to CS5")
    condition: Labels | None = Field(None, description="long-term conditions")

    def labels(self) -> dict[str, tuple[str, ...]]:
        """Return the labels of each dimension that is named."""
        return {dim: labels for dim in type(self).model_fields if (labels := getattr(self, dim)) is not None}


class Gate(StrictModel):
    """What limits an effect while the model runs: no staff, no effect."""

    staffing: str = Field(description="employer whose staffed share of posts limits the effect")

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        return {"staffing": value} if isinstance(value, str) else value


class Lever(StrictModel):
    """One registered parameter or flow that an intervention moves."""

    lever: str = Field(description="registered name of a parameter or flow")
    where: Where = Field(default_factory=dict, description="labels by dimension; all where left out")
    operation: Literal["multiply", "add", "set"] = Field("multiply", description="how the effect acts")
    effect: EvidenceRange = Field(
        description="relative change (multiply: -0.1 is 10% less), amount (add) or new value (set)"
    )
    unit: str | None = Field(None, description="unit of the effect; needed to add or set")
    gate: Gate | None = Field(None, description="what limits the effect")

    @model_validator(mode="after")
    def _unit_given(self) -> Lever:
        texts = [limit for limit in (self.effect.low, self.effect.central, self.effect.high) if limit is not None]
        if self.operation != "multiply" and self.unit is None and not all(isinstance(item, str) for item in texts):
            raise ValueError(f"to {self.operation}, the effect needs its unit (field 'unit')")
        return self


class Cost(StrictModel):
    """A cost by payer."""

    payer: str = Field(description="organisation that pays")
    type: Literal["recurrent", "non_recurrent", "capital"] = Field(description="type of cost")
    amount: EvidenceRange = Field(description="£/year while in force (recurrent), or £ in all (non_recurrent, capital)")
    over_months: float = Field(12.0, gt=0, le=LONGEST, description="months over which a one-off cost is spent")
    source: str = Field(description="evidence ids and arithmetic, or a text that begins with 'assumption'")


class Staff(StrictModel):
    """Posts that an intervention needs, so that it competes for scarce staff."""

    employer: str = Field(description="employer")
    staff_group: str = Field(description="group of staff")
    wte: float = Field(description="posts; negative where posts are given up")


Months = Literal["permanent"] | Annotated[float, Field(ge=0, le=LONGEST)]


class InterventionTiming(StrictModel):
    """When an intervention acts."""

    start: DateText | None = Field(None, description="first day: a date, 'decision' or 'decision + 6 months'")
    lag_months: float | None = Field(None, ge=0, le=LONGEST, description="months from the start to the first effect")
    ramp_months: float | None = Field(None, ge=0, le=LONGEST, description="months over which it grows to its full size")
    duration_months: Months | None = Field(None, description="months for which it is delivered, or permanent")
    persistence_months: Months | None = Field(None, description="months for which the effect stays after delivery ends")
    fade_months: float | None = Field(None, ge=0, le=LONGEST, description="months over which the effect then fades out")


class Intervention(InterventionTiming):
    """An intervention: levers, size, target group, timing, costs, staff and evidence. Data only."""

    name: str = Field(description="name for people")
    group: Literal[
        "prevention", "workforce", "vcse", "flow", "elective", "mental_health", "finance", "disinvestment"
    ] = Field(description="kind of intervention")
    aim: str = Field(description="aim of the strategy that it serves first")
    description: str = Field(description="what is done, for whom")
    evidence_grade: EvidenceGrade = Field(
        description="strength of the evidence for its effect; null where controlled studies find none"
    )
    sources: Names = Field(description="evidence ids and publications")
    known_failures: str = Field(description="what is known not to work, or to have gone wrong")
    levers: tuple[Lever, ...] = Field(min_length=1, description="what it moves")
    target: TargetGroup = Field(default_factory=TargetGroup, description="whom it is for")
    reach: EvidenceRange = Field(
        default_factory=lambda: EvidenceRange(central=1.0), description="share of the target group reached"
    )
    costs: tuple[Cost, ...] = Field(default=(), description="costs by payer")
    staff: tuple[Staff, ...] = Field(default=(), description="posts that it needs")
    vcse_capacity: dict[str, float] = Field(default_factory=dict, description="VCSE capacity needed, WTE by place")


class InterventionUse(InterventionTiming):
    """An intervention in a scenario, with changes for this use."""

    name: str = Field(description="name of an intervention file")
    as_name: str | None = Field(None, alias="as", description="another name, where one intervention is used twice")
    scale: float = Field(1.0, ge=0, description="multiplies effects, costs, staff and VCSE capacity")
    cost_scale: float = Field(1.0, ge=0, description="multiplies costs, staff and VCSE capacity only")
    reach: EvidenceRange | None = Field(None, description="another reach; costs and staff change in proportion")
    target: TargetGroup | None = Field(None, description="another target group")

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    @property
    def label(self) -> str:
        """Name by which the scenario knows it."""
        return self.as_name or self.name


class DatedChange(StrictModel):
    """A dated change of one parameter or flow."""

    parameter: str = Field(description="registered name")
    where: Where = Field(default_factory=dict, description="labels by dimension; all where left out")
    operation: Literal["multiply", "add", "set"] = Field(
        "multiply", description="points are relative changes (multiply), amounts (add) or how far to 'value' (set)"
    )
    value: Amount | None = Field(None, description="the value that 'set' goes to")
    unit: str | None = Field(None, description="unit of the points (add) or of the value (set)")
    points: dict[str, float] = Field(min_length=1, description="size by date; linear between, constant beyond")
    size: EvidenceRange = Field(
        default_factory=lambda: EvidenceRange(central=1.0), description="uncertainty: multiplies the points"
    )
    source: str = Field(description="evidence ids, a publication, or a text that begins with 'assumption'")

    @model_validator(mode="after")
    def _value_given(self) -> DatedChange:
        if (self.operation == "set") != (self.value is not None):
            raise ValueError("'set' needs a 'value', and only 'set' has one")
        if self.operation == "set" and not all(0 <= level <= 1 for level in self.points.values()):
            raise ValueError("points of 'set' say how far to go to the value, from 0 to 1")
        return self


class SharedFields(StrictModel):
    """What scenarios, packages and futures share."""

    description: str = Field("", description="what it is")
    parameters: dict[str, Any] = Field(default_factory=dict, description="values by dotted name of a parameter")
    changes: tuple[DatedChange, ...] = Field(default=(), description="dated changes")


class DatedFile(SharedFields):
    """A future or a history: what nobody here controls."""

    sources: Names = Field(default=(), description="evidence ids and publications")


class CorrelatedPair(StrictModel):
    """Two uncertain numbers that are high or low together."""

    between: tuple[str, str] = Field(description="two names: of parameters, or of effects as 'intervention|effect'")
    correlation: float = Field(gt=-1, lt=1, description="rank correlation; effects run from least to greatest")
    source: str = Field(description="evidence ids, a publication, or a text that begins with 'assumption'")

    def __repr__(self) -> str:
        return f"{' with '.join(self.between)}: {self.correlation:g}"


class Package(SharedFields):
    """A package: interventions that go together."""

    packages: Names = Field(default=(), description="packages that it is made of")
    interventions: tuple[InterventionUse, ...] = Field(
        default=(), description="interventions, each a name or a name with changes"
    )


class Scenario(Package):
    """A scenario: the whole of a run."""

    parameters: Values = Field(
        default_factory=dict,
        description="values by dotted name of a parameter; 'from', or one word in the place of all, says where the "
        "others come from: 'posterior' (fitted draws), 'central' (registered values and ranges) or a file of draws",
    )
    extends: Names = Field(default=(), description="parent scenario: a name or a file")
    name: str | None = Field(None, description="name; that of the file where left out")
    history: str | None = Field(None, description="'pandemic', 'none' or a file")
    future: str | None = Field(None, description="name of a future, or 'none'")
    start: DateText | None = Field(None, description="first month of the run (default 2019-04)")
    decision: DateText | None = Field(None, description="month in which decisions start (default 2023-04)")
    end: DateText | None = Field(None, description="first month after the run")
    years_after_decision: int | None = Field(None, gt=0, le=22, description="length after the decision (default 20)")
    step_days: float | None = Field(None, gt=0, le=7, description="length of the base step in days (default 3.5)")
    horizons: dict[str, float] | None = Field(None, description="years after the decision, by name")
    members: int | None = Field(None, ge=1, le=100_000, description="ensemble size; 1 is the central case")
    seed: int | None = Field(None, ge=0, description="seed of the ensemble")
    sampling: Literal["latin-hypercube", "random"] | None = Field(
        None, description="how members lie in the ranges of what is not fitted (default latin-hypercube)"
    )
    correlations: tuple[CorrelatedPair, ...] | None = Field(
        None, description="uncertain numbers that are high or low together, where they are not fitted"
    )
    hospital: Literal["stock-flow", "patient-level"] | None = Field(
        None, description="representation of the acute hospitals: as stocks and flows, or patient by patient"
    )
    exchange_days: float | None = Field(
        None, gt=0, le=366, description="days between exchanges with the patient-level hospital (default 28)"
    )
    outputs: Names | None = Field(None, description="'headline', 'all', or registered names")

    @field_validator("horizons", mode="before")
    @classmethod
    def _horizons(cls, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return {f"{years} years": years for years in value}
        return value

    @model_validator(mode="after")
    def _one_end(self) -> Scenario:
        if self.end is not None and self.years_after_decision is not None:
            raise ValueError("'end' and 'years_after_decision' say the same; keep one of them")
        return self


SETTINGS = (
    "history",
    "future",
    "start",
    "decision",
    "end",
    "years_after_decision",
    "step_days",
    "horizons",
    "members",
    "seed",
    "sampling",
    "correlations",
    "hospital",
    "exchange_days",
    "outputs",
)
"""Fields of a scenario that are settings: one value each, a later one in the place of an earlier one."""

FILES: dict[str, type[StrictModel]] = {
    "scenario": Scenario,
    "package": Package,
    "future": DatedFile,
    "history": DatedFile,
    "intervention": Intervention,
}
"""Fields of each kind of file."""


def json_schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a kind of file, one of ``FILES``."""
    return FILES[kind].model_json_schema()
