"""The sectors of the model, in the order in which they start and step."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from model.engine.stepper import Sector

SECTORS: tuple[tuple[str, str], ...] = (
    ("population", "Population"),
    ("demand", "Demand"),
    ("waiting_lists", "WaitingLists"),
    ("workforce", "Workforce"),
    ("vcse", "Vcse"),
    ("finance", "Finance"),
    ("urgent_care", "UrgentCare"),
    ("discharge", "Discharge"),
    ("outcomes", "Outcomes"),
)
"""Module and class of each sector."""


def all_sectors() -> list[Sector]:
    """New instances of all sectors, in order."""
    return [getattr(import_module(f"{__name__}.{module}"), name)() for module, name in SECTORS]


def equation_modules() -> list[ModuleType]:
    """Every module of this package: where the equations stand."""
    from pkgutil import iter_modules

    return [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
