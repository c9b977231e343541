"""The sectors of the model, in the order in which they start and step."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

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
    return [getattr(import_module(f"{__name__}.{module}.equations"), name)() for module, name in SECTORS]


def sectors_with_patients(*, seed: int, first_member: int, members: int, exchange_days: float) -> list[Sector]:
    """The same, with the patient-level hospital in the place of urgent care and discharge.

    Args:
        seed: seed of all draws.
        first_member: number of the first member of the batch.
        members: members of the batch.
        exchange_days: days between exchanges, a multiple of the base step.
    """
    from model.sectors.patient_level.equations import patient_level_sectors

    patients = patient_level_sectors(seed=seed, first_member=first_member, members=members, exchange_days=exchange_days)
    taken = {sector.name: sector for sector in patients}
    return [taken.get(sector.name, sector) for sector in all_sectors()]


def equation_files() -> list[Path]:
    """Every file of this package: where the equations are."""
    return sorted(Path(__file__).parent.glob("*/*.py"))
