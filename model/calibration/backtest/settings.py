"""Assumptions of a forecast about a future that it does not know (``calibration/backtest.yaml``)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from model.registry.calendar import add_months
from model.registry.catalogue import Registry
from model.registry.data_folders import CALIBRATION
from model.registry.error_collector import ErrorCollector
from model.registry.errors import Exit, UserError, nearest_names
from model.scenarios.schema import StrictModel
from model.scenarios.validated_file import ValidatedFile

SETTINGS = CALIBRATION / "backtest.yaml"
MONTH = re.compile(r"^\d{4}-(0[1-9]|1[0-2])$")


def _as_share(value: object) -> object:
    """Read a share written as a number or as a percentage."""
    text = str(value).strip()
    return float(text.removesuffix("%")) / 100.0 if re.fullmatch(r"\d+(\.\d+)?%", text) else value


Share = Annotated[float, BeforeValidator(_as_share), Field(ge=0, le=1)]


class Months(StrictModel):
    """How many months something lasts."""

    low: float = Field(gt=0, description="fewest")
    central: float = Field(gt=0, description="most likely")
    high: float = Field(gt=0, description="most")

    @model_validator(mode="after")
    def _in_order(self) -> Months:
        if not self.low <= self.central <= self.high:
            raise ValueError("'central' must lie between 'low' and 'high'")
        return self


class Duration(StrictModel):
    """A parameter whose disturbance has a duration of its own."""

    parameter: str = Field(description="registered name of a parameter that the history changes")
    months: Months | None = Field(None, description="months from the cut-off until it ends")
    stay: bool = Field(False, description="whether it stays as it is at the cut-off")
    source: str = Field(description="what was known at the cut-off, or a text that begins with 'assumption'")

    @model_validator(mode="after")
    def _one_form(self) -> Duration:
        if (self.months is None) == (not self.stay):
            raise ValueError("give either 'months' or 'stay: true'")
        return self


class Returns(StrictModel):
    """How long disturbances last."""

    end_months: float = Field(3.0, gt=0, description="months over which a disturbance ends, in a straight line")
    correlation: float = Field(0.5, ge=0, le=1, description="correlation of the duration between parameters")
    shortest_age: float = Field(3.0, gt=0, description="months that a disturbance is taken to have lasted at least")
    exceptions: tuple[Duration, ...] = Field((), description="parameters with a duration of their own")


class Drift(StrictModel):
    """Further changes that cannot be foreseen."""

    size: Share = Field(description="largest relative change, up or down")
    months: float = Field(gt=0, description="months until it has built up")


class BacktestFile(StrictModel):
    """Assumptions of a test on figures that the fit has not seen."""

    description: str = Field("", description="what it is")
    cut_offs: tuple[str, ...] = Field(min_length=1, description="last months known, YYYY-MM")
    returns: Returns = Field(description="how long disturbances last")
    drift: Drift = Field(description="further changes that cannot be foreseen")
    lasting_share: float = Field(ge=0, le=1, description="share of the variance of the model's own error that stays")
    single_figure: Share = Field(description="spread of the last value after a year where a series has one figure only")


@dataclass(frozen=True, order=True)
class CutOff:
    """The last month whose figures are known.

    Attributes:
        month: its first day.
    """

    month: date

    @property
    def origin(self) -> date:
        """First day that is not known."""
        return add_months(self.month, 1)

    @property
    def last_day(self) -> date:
        """Last day that is known."""
        return date.fromordinal(self.origin.toordinal() - 1)

    @property
    def name(self) -> str:
        """Year and month, such as ``2021-03``."""
        return f"{self.month:%Y-%m}"

    @property
    def title(self) -> str:
        """Month and year in words."""
        return f"{self.month:%B %Y}"


def read_settings(registry: Registry, path: Path = SETTINGS) -> BacktestFile:
    """Read the assumptions.

    Raises:
        UserError: all errors of the file, each with its line.
    """
    source = ValidatedFile.read(BacktestFile, path)
    errors = ErrorCollector()
    for index, exception in enumerate(source.content.returns.exceptions):
        if exception.parameter not in registry.parameters:
            nearest = nearest_names(exception.parameter, registry.parameters)
            location = ("returns", "exceptions", index, "parameter")
            errors.add(source.error(location, "not a registered parameter.", nearest, key=exception.parameter))
    for index, text in enumerate(source.content.cut_offs):
        if not MONTH.match(text):
            errors.add(source.error(("cut_offs", index), f"'{text}': a month such as 2021-03 expected."))
    errors.raise_all()
    return source.content


def read_cut_off(text: str, key: str = "--cut-off") -> CutOff:
    """Read a cut-off.

    Raises:
        UserError: not a month.
    """
    if not MONTH.match(text.strip()):
        raise UserError(f"'{text}': a month such as 2021-03 expected.", key=key, code=Exit.USAGE)
    year, month = text.strip().split("-")
    return CutOff(date(int(year), int(month), 1))
