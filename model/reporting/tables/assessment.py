"""Tables of scenarios that were judged: costing, who gains, principles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from model.appraisal.assessment import Assessment


def write_assessment(found: Assessment, folder: Path) -> list[tuple[str, str]]:
    """Write all tables into a folder; names of the files and what they hold.

    Raises:
        UserError: a file cannot be written.
    """
    from model.reporting.tables import costing as costing
    from model.reporting.tables import equity as equity
    from model.reporting.tables import prioritisation as prioritisation

    return [
        *costing.write_tables(found.appraisals, folder),
        *equity.write_tables(found.equity, folder),
        *prioritisation.write_tables(found.ranking, folder),
    ]
