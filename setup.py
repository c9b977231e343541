"""Build step: what pyproject.toml cannot say.

A wheel carries ``scenarios/`` and ``calibration/`` inside the package (``model/data/``), and the commit it was built
from. An editable install carries neither: it uses the folders of its clone.
"""

import shutil
import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

ROOT = Path(__file__).resolve().parent
DATA_FOLDERS = ("scenarios", "calibration")
COMMIT_FILE = "commit.txt"


def _commit() -> str:
    """Return the commit of this source: from git in a clone, from a file in a source distribution."""
    packed = ROOT / COMMIT_FILE
    if packed.is_file():
        return packed.read_text(encoding="utf-8").strip()
    if not (ROOT / ".git").exists():
        return ""
    command = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


class BuildWithData(build_py):
    """Build the package with its data folders."""

    def run(self) -> None:
        """Copy the modules, then the data folders and the commit."""
        build_folder = Path(self.build_lib)
        # A folder left by an earlier build would put deleted modules and scenarios into the wheel.
        shutil.rmtree(build_folder / "model", ignore_errors=True)
        super().run()
        if self.editable_mode:
            return
        data = build_folder / "model" / "data"
        for name in DATA_FOLDERS:
            shutil.copytree(ROOT / name, data / name, ignore=shutil.ignore_patterns("__pycache__"))
        if commit := _commit():
            (data / COMMIT_FILE).write_text(commit + "\n", encoding="utf-8")


class SourceWithCommit(sdist):
    """Write the commit into a source distribution, which has no git folder."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        """Copy the source, then write the commit."""
        super().make_release_tree(base_dir, files)
        if commit := _commit():
            Path(base_dir, COMMIT_FILE).write_text(commit + "\n", encoding="utf-8")


setup(cmdclass={"build_py": BuildWithData, "sdist": SourceWithCommit})
