"""Text of the guide in a folder of results: what was run, how, and what each file holds."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING

from model.workflows.results_folder import MARK

if TYPE_CHECKING:
    from model.scenarios.resolved import ResolvedScenario

LINE = 110
"""Letters in a line of the guide."""


def guide(
    title: str,
    resolved: Sequence[ResolvedScenario],
    facts: Sequence[str],
    files: Sequence[tuple[str, str]],
    *,
    baseline: ResolvedScenario | None = None,
    foot: Sequence[str] = (),
) -> str:
    """Return the text of a guide.

    Args:
        title: what the folder is of; empty for plain runs.
        resolved: scenarios in it.
        facts: how they were run, a paragraph each.
        files: name and meaning of each file.
        baseline: which of the scenarios the others are compared with.
        foot: how to read the files.
    """
    lines = [
        f"{MARK}: {title}" if title else MARK,
        "",
        "Scenarios",
        *(
            f"  {scenario.name}{' (baseline)' if scenario is baseline else ''}: "
            f"{scenario.description or 'no description'}"
            + (f" Future: {scenario.future}." if scenario.future != "none" else "")
            for scenario in resolved
        ),
        "",
        *(fill(fact, LINE) for fact in facts),
        "",
        "Files",
        *(fill(f"  {name}: {meaning}", LINE, subsequent_indent="    ") for name, meaning in files),
        "",
        *foot,
        *([""] if foot else []),
    ]
    return "\n".join(lines)
