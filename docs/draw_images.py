"""Draw the picture of the worked example in README.md: ``python docs/draw_images.py``."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from model.plots.trajectories import plot_trajectories  # noqa: E402
from model.results.observations import read_observations  # noqa: E402
from model.scenarios.resolver import resolve  # noqa: E402
from model.simulation import registry, simulate  # noqa: E402

SCENARIOS = ("baseline", "prevention_shift", "recruitment_and_retention", "vcse_capacity")
SHOWN = ("bed_days_delayed", "rtt", "vacancy", "underlying_deficit", "people_cs45", "inequality_cost")


def main() -> None:
    """Run the scenarios of the README and draw some of their headline results."""
    baseline, *others = (simulate(resolve(name, registry())) for name in SCENARIOS)
    picture = ROOT / "docs" / "images" / "worked_example.png"
    plot_trajectories(others, baseline, picture, headlines=SHOWN, observations=read_observations())
    picture.with_suffix(".svg").unlink()


if __name__ == "__main__":
    main()
