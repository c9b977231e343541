"""Named observation operators: figures that are not one result over one period, with how the record gives each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from model.results.case_for_change import extra_bed_days, nctr_growth, published_nctr_growth
from model.results.observations import Observation
from model.results.run import Run

ObservedFigures = Mapping[str, Observation]


@dataclass(frozen=True)
class NamedOperator:
    """How the model and the record give one figure.

    Attributes:
        description: what it is.
        unit: unit of both.
        figures: ids of the observed figures it is made of; their relative errors add in squares.
        results: registered names that it reads.
        model: the model's value, shape ``(members,)``.
        record: the observed value.
    """

    description: str
    unit: str
    figures: tuple[str, ...]
    results: tuple[str, ...]
    model: Callable[[Run, ObservedFigures], np.ndarray]
    record: Callable[[ObservedFigures], float]


OPERATORS: dict[str, NamedOperator] = {
    "nctr_growth": NamedOperator(
        "patients without criteria to reside in April 2022 over those of April 2021, on one perimeter",
        "ratio",
        ("case_nctr.2022-04", "case_nctr.2021-04"),
        ("discharge.nctr_before_discharges",),
        nctr_growth,
        published_nctr_growth,
    ),
    "extra_bed_days": NamedOperator(
        "bed days of 2021/22 that stays longer than those of 2019/20 took",
        "bed days",
        ("case_extra_bed_days.2021-22",),
        ("urgent_care.bed_days_needed", "urgent_care.bed_days_delayed", "discharge.overnight_discharges"),
        extra_bed_days,
        lambda observed: observed["case_extra_bed_days.2021-22"].value,
    ),
}
"""By the name under which ``calibration/series.yaml`` asks for them."""
