"""Libraries that a plain install leaves out, and what to install where a task needs them."""

from __future__ import annotations

from importlib.util import find_spec

from model.registry.errors import Exit, UserError

DISTRIBUTION = "bnssg-system-model"
"""Name under which the package is installed."""

EXTRAS = {
    "report": {
        "altair": "altair",
        "vl_convert": "vl-convert-python",
        "pptx": "python-pptx",
        "xlsxwriter": "XlsxWriter",
    },
    "cluster": {"distributed": "dask[distributed]"},
}
"""Libraries of each extra of ``pyproject.toml``: module imported -> distribution that holds it."""


def require_extra(extra: str, purpose: str) -> None:
    """Check that the libraries of an extra are installed, before a long run rather than after it.

    Args:
        extra: name of the extra, a key of ``EXTRAS``.
        purpose: what needs it, as the subject of a sentence: ``the report to a board``.

    Raises:
        UserError: a library is missing; says what to install.
    """
    missing = [distribution for module, distribution in EXTRAS[extra].items() if not _installed(module)]
    if missing:
        names = ", ".join(missing)
        verb = "is" if len(missing) == 1 else "are"
        command = f"python -m pip install '{DISTRIBUTION}[{extra}]'"
        clone = f"python -m pip install -e '.[{extra}]'"
        message = f"{purpose} needs {names}, which {verb} not installed. Install with: {command} (in a clone: {clone})."
        raise UserError(message, code=Exit.USAGE)


def _installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False
