"""Renew the stored baseline of all headlines, on purpose: ``python tests/baseline/renew.py --write``.

Without ``--write`` it only prints what has moved. Say in the commit that changes the file why results changed.
"""

from __future__ import annotations

import sys
from multiprocessing import get_context
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "cases")]

from headline_baseline import FILE, changes, read_baseline, run_headlines, scenario_names, write_baseline  # noqa: E402

SHOWN = 40
"""Changes that are printed."""


def main() -> int:
    """Run all scenarios, print what has moved, and write the file where that is asked for."""
    names = scenario_names()
    with get_context("spawn").Pool() as pool:
        current = dict(zip(names, pool.map(run_headlines, names, chunksize=1), strict=True))
    stored = read_baseline() if FILE.is_file() else {}
    lines = [line for name in names for line in changes(name, stored.get(name, {}), current[name])]
    lines += [f"{name}: stored, but no longer a scenario" for name in stored if name not in current]
    print("\n".join([*lines[:SHOWN], f"{len(lines):,} values have moved, or are new or gone."]))
    if "--write" in sys.argv[1:]:
        write_baseline(current)
        print(f"Written: {FILE.relative_to(ROOT)}")
    elif lines:
        print("Nothing is written; add --write to store the new values.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
