"""Tables of an assessment: costing, who gains, principles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from model.appraisal.assessment import Assessment


def write_assessment(assessment: Assessment, folder: Path) -> list[tuple[str, str]]:
    """Write all tables into a folder; names of the files and what they hold.

    Raises:
        UserError: a file cannot be written.
    """
    from model.reporting.tables import costing, equity, prioritisation

    return [
        *costing.write_tables(assessment.appraisals, folder),
        *equity.write_tables(assessment.equity, folder),
        *prioritisation.write_tables(assessment.ranking, folder),
    ]
