"""How long a whole decision takes, and where the time goes: ``python benchmarks/decision_benchmarks.py``.

Each part is run as a user would, in a process of its own; the last line is the whole, its share of parts above it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DECISION = "six_packages"
MEGABYTE = 1e6


def timed(words: list[str], folder: Path) -> float:
    """Seconds that a command takes.

    Raises:
        subprocess.CalledProcessError: it fails.
    """
    began = time.perf_counter()
    subprocess.run([sys.executable, "run.py", *words, "--output", str(folder), "--quiet"], cwd=ROOT, check=True)
    return time.perf_counter() - began


def parts(members: int, apart: int) -> dict[str, list[str]]:
    """Commands that do a part of the decision each, the whole last."""
    sys.path.insert(0, str(ROOT))
    from model.scenarios.decision_file import read_decision

    content = read_decision(DECISION).content
    scenarios = list(content.scenarios)
    commands = {"runs, tables and data, no figures": ["compare", *scenarios, "--members", str(members), "--no-figures"]}
    for name in content.attribute.scenarios:
        commands[f"taking {name} apart"] = ["attribute", name, "--members", str(apart), "--no-figures"]
    return commands | {f"the decision, {members} members": ["decide", DECISION, "--members", str(members)]}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time a whole decision and its parts.")
    parser.add_argument("--members", type=int, default=200)
    parser.add_argument("--apart", type=int, default=8, help="members for taking packages apart")
    arguments = parser.parse_args()
    taken: dict[str, float] = {}
    sizes: dict[str, float] = {}
    for name, words in parts(arguments.members, arguments.apart).items():
        with tempfile.TemporaryDirectory() as folder:
            taken[name] = timed(words, Path(folder))
            sizes[name] = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file()) / MEGABYTE
    whole = list(taken.values())[-1]
    print("| part | seconds | of the whole | MB written |\n|---|---:|---:|---:|")
    for name, seconds in taken.items():
        print(f"| {name} | {seconds:.0f} | {seconds / whole:.2f} | {sizes[name]:.0f} |")


if __name__ == "__main__":
    main()
