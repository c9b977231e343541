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
    written: Sequence[tuple[str, str]],
    *,
    baseline: ResolvedScenario | None = None,
    foot: Sequence[str] = (),
) -> str:
    """Text of a guide.

    Args:
        title: what the folder is of; empty for plain runs.
        resolved: scenarios in it.
        facts: how they were run, a paragraph each.
        written: files and what each holds.
        baseline: which of the scenarios the others are compared with.
        foot: how to read the files.
    """
    lines = [
        f"{MARK}: {title}" if title else MARK,
        "",
        "Scenarios",
        *(
            f"  {each.name}{' (baseline)' if each is baseline else ''}: {each.description or 'no description'}"
            + (f" Future: {each.future}." if each.future != "none" else "")
            for each in resolved
        ),
        "",
        *(fill(fact, LINE) for fact in facts),
        "",
        "Files",
        *(fill(f"  {name}: {meaning}", LINE, subsequent_indent="    ") for name, meaning in written),
        "",
        *foot,
        *([""] if foot else []),
    ]
    return "\n".join(lines)
