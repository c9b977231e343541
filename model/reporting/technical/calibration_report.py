"""The calibration report: what was fitted to what, how well, what it says, and what it cannot say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from model import __version__
from model.calibration.fit import Fit
from model.calibration.fit_summary import (
    USES,
    KeyRow,
    PriorRow,
    correlation_table,
    key_table,
    prior_table,
    series_table,
)
from model.calibration.residuals import ResidualRow, residual_table
from model.reporting.html.blocks import Block, Facts, Paragraphs, Pictures, Report, Section
from model.reporting.html.page import write_report
from model.reporting.numbers import correlation, deviations, share
from model.reporting.tables.calibration import (
    INFORMED,
    correlations_table,
    fitted_numbers_table,
    key_figures_table,
    series_fit_table,
)
from model.reporting.tables.table import Cell, Column, Table
from model.reporting.technical.calibration_figures import (
    correlation_picture,
    prior_picture,
    residual_picture,
    series_pictures,
    titles,
)

PAGE = "report.html"
FIGURES = "figures"
MOST_NAMED = 12
"""Numbers that are named in a sentence; more are in the table only."""

STRONGEST = 15
"""Correlations in the table; the file has all that are strong."""

LARGE = 2.0
"""Mean square of residuals, in units of error, from which a series is said to be badly fitted."""


def write_calibration_report(fit: Fit, runs: int, folder: Path, *, more: Sequence[Section] = ()) -> Path:
    """Write ``report.html`` and its figures into a folder that exists.

    Args:
        fit: a finished fit, as it ends or read back.
        runs: runs of the model that it took.
        folder: where.
        more: further sections, such as the backtest.

    Returns:
        Path of the page.

    Raises:
        UserError: a file cannot be written.
    """
    figures = folder / FIGURES
    keys, series, priors, residuals = key_table(fit), series_table(fit), prior_table(fit), residual_table(fit)
    names = {name: f"{title} ({name})" for name, title in titles(fit).items()}
    sections = (
        _summary(fit, keys, priors),
        _case_for_change(fit, keys),
        Section(
            "Every series", (BANDS, Pictures(tuple(series_pictures(fit, figures))), series_fit_table(series, names))
        ),
        Section(
            "Patterns left over", (Pictures((residual_picture(fit, residuals, figures),)), _residuals(residuals, names))
        ),
        Section(
            "Fitted numbers",
            (*_uninformed(priors), Pictures((prior_picture(priors, figures),)), fitted_numbers_table(priors)),
        ),
        Section(
            "Correlations",
            (
                Pictures((correlation_picture(fit, figures),)),
                correlations_table(correlation_table(fit)).first(STRONGEST),
            ),
        ),
        *more,
        _draws(fit, runs),
        _provenance(fit),
    )
    last = max(row.last for row in fit.problem.targets.rows)
    subtitle = f"BNSSG whole-system model, fitted to published figures up to {last:%B %Y}"
    return write_report(Report("The model beside the public record", subtitle, sections), folder / PAGE)


BANDS = Paragraphs(
    (
        "Circles: published, with 80% of their measurement error. Broken grey: the model before the fit. Blue: "
        "median of "
        "the draws, with 50% and 80% of the draws (dark) and 80% of what would be published, model error and "
        "measurement "
        "error included (light). About 80% of the circles should lie in the light band.",
    )
)


def _summary(fit: Fit, keys: list[KeyRow], priors: list[PriorRow]) -> Section:
    targets = fit.problem.targets
    holding = sum(row.holds for row in keys)
    informed = sum(row.informed >= INFORMED for row in priors)
    lead = (
        f"{len(priors)} numbers were fitted to {int(targets.fitted.sum())} published figures of {len(targets.series)} "
        f"series. Of {len(keys)} figures of the case for change that must hold, {holding} do."
    )
    return Section(
        "In short",
        (
            Paragraphs((lead,), "lead"),
            Paragraphs(
                (
                    f"The mean square of the fitted residuals, in units of their stated errors, fell from "
                    f"{fit.misfit(fit.before):.2f} before the fit to {_misfit_of_median(fit):.2f} at the median "
                    f"of the draws; "
                    "about 1 would say that the errors are as stated.",
                    f"The record told something (a tenth or more of the prior variance) of {informed} of the "
                    f"{len(priors)} "
                    "numbers. The others keep their prior ranges.",
                    "What is fitted is no evidence for the model: figures marked 'fitted and judged' are fitted "
                    "because they "
                    "must hold. That they hold shows no more than that the model can give them together. "
                    "Evidence that it "
                    "forecasts comes from the backtest, which fits to earlier figures only and is scored on "
                    "later ones.",
                )
            ),
        ),
    )


def _misfit_of_median(fit: Fit) -> float:
    return fit.misfit(np.median(fit.sample.predictions, axis=1))


def _case_for_change(fit: Fit, rows: list[KeyRow]) -> Section:
    by_id = {row.id: row for row in fit.problem.targets.rows}
    sources = [by_id[key.figures[0]].source for key in fit.problem.targets.keys]
    return Section("Case for change", (key_figures_table(rows, sources),))


def _residuals(rows: list[ResidualRow], names: Mapping[str, str]) -> Table:
    columns = (
        Column("Series"),
        Column("Use"),
        Column("Figures", True),
        Column("Mean", True, format=deviations),
        Column("Root mean square", True),
        Column("Neighbours alike", True, format=correlation),
        Column("as stated", True, format=correlation),
    )
    cells = [
        (
            names[row.series],
            USES[row.use],
            row.residuals.size,
            row.mean,
            Cell(f"{row.size:.2f} large", "bad") if row.size**2 > LARGE else f"{row.size:.2f}",
            row.together,
            row.stated,
        )
        for row in sorted(rows, key=lambda row: -row.size)
    ]
    note = (
        "Root mean square: 1 where errors are as stated; far below 1, they are stated too wide. Neighbours alike: "
        "correlation of residuals of neighbouring months, beside what the stated model error has; where it is much "
        "higher, the model misses a course over time, and neighbouring months count for more than they should. With n "
        "figures, 1/√n is chance."
    )
    return Table("Residuals by series in units of error, largest first", columns, cells, note)


def _uninformed(rows: list[PriorRow]) -> tuple[Block, ...]:
    silent = [row.name for row in rows if row.informed < INFORMED]
    pressing = [row.name for row in rows if row.at_an_end]
    sentences = []
    if silent:
        names = f": {'; '.join(silent)}" if len(silent) <= MOST_NAMED else ", grey at the end of the table"
        sentences.append(
            f"The record could not inform {len(silent)} of {len(rows)} numbers (less than a tenth of the prior "
            f"variance taken away){names}. Their uncertainty is that of the prior."
        )
    if pressing:
        sentences.append(f"These press on an end of their range, which deserves a second look: {'; '.join(pressing)}.")
    return (Paragraphs(tuple(sentences)),) if sentences else ()


def _draws(fit: Fit, runs: int) -> Section:
    sample, options = fit.sample, fit.options
    accepted = share(float(np.mean(sample.accepted))) if sample.accepted else "no steps"
    costs = ", ".join(f"{cost:.1f}" for cost in fit.point.costs)
    rows = (
        ("draws", f"{sample.scores.shape[1]}"),
        ("effective number by importance", f"{sample.importance_size:.0f}, of draws of the normal approximation"),
        ("steps of the chains", f"{options.steps}; {accepted} accepted"),
        ("autocorrelation time", f"up to {sample.correlation_time.max():.1f} steps; chains should be longer by far"),
        ("memory of the start", f"correlation of where chains began and ended up to {np.abs(sample.memory).max():.2f}"),
        ("ends of the starts", f"{costs} (half the sum of squares; alike: the same fit was found)"),
        ("drift", f"means moved by up to {np.abs(sample.drift).max():.2f} deviations late in the chains"),
        ("runs of the model", f"{runs:,}"),
    )
    return Section("How well the draws were made", (Facts(rows),))


def _provenance(fit: Fit) -> Section:
    problem, options = fit.problem, fit.options
    chosen = ", ".join(f"{name} {value}" for name, value in vars(options).items())
    return Section(
        "Provenance",
        (
            Paragraphs(
                (
                    "Figures: calibration/observations.csv, each with definition, perimeter, publisher and "
                    "evidence ids. Use "
                    "and model error of each series: calibration/series.yaml. Priors: calibration/priors.yaml. Method: "
                    "docs/calibration.md.",
                    f"Series in the file that are compared with nothing: "
                    f"{', '.join(problem.targets.unused) or 'none'}.",
                )
            ),
            Facts(
                (
                    ("scenario", f"{problem.scenario.name}, history '{problem.scenario.history}'"),
                    ("options", chosen),
                    ("model version", __version__),
                    ("fingerprint", fit.fingerprint),
                )
            ),
        ),
    )
