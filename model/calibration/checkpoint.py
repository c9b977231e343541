"""A checkpoint of batched runs: finished batches are kept, so that a fit which was stopped can be resumed.

Every method of the fit is deterministic for a seed and sees the model only through the forward operator. The
predictions of finished batches are therefore all that a resumed fit needs: it asks for the same batches again, reads
those that are kept, and runs the rest. It ends with the same draws, wherever it was stopped.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from model.calibration.forward_model import Forward
from model.registry.errors import Exit, UserError
from model.results.atomic_files import whole_file

FINGERPRINT_FILE = "fingerprint.txt"


class Checkpoint:
    """A forward operator that keeps its finished batches on disk.

    Args:
        forward: the operator itself.
        folder: where predictions are kept, one file for each batch.
        fingerprint: digest of everything on which predictions depend.
        resume: whether kept predictions are used; they are deleted otherwise.

    Attributes:
        runs: runs of the model asked for, one for each vector, those kept included.
        replayed: batches that were read from disk.

    Raises:
        UserError: the kept predictions are those of another fit.
    """

    def __init__(self, forward: Forward, folder: Path, fingerprint: str, *, resume: bool) -> None:
        self._forward = forward
        self._folder = folder
        self._asked = 0
        self.replayed = 0
        self.runs = 0
        mark = folder / FINGERPRINT_FILE
        if not resume:
            _clear(folder)
        elif not mark.is_file():
            message = "there is no unfinished fit to resume; leave out --resume."
            raise UserError(message, file=folder, code=Exit.MISSING_FILE)
        elif mark.read_text(encoding="utf-8") != fingerprint:
            message = "the unfinished fit had other data, priors, options or equations; start again without --resume."
            raise UserError(message, file=folder)
        if not mark.is_file():
            with whole_file(mark) as temporary:
                temporary.write_text(fingerprint, encoding="utf-8")

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Return predictions for scores, from disk where they are kept."""
        self._asked += 1
        self.runs += scores.shape[1]
        path = self._folder / f"{self._asked:05d}.npz"
        stored = _kept(path, scores)
        if stored is not None:
            self.replayed += 1
            return stored
        predictions = self._forward(scores)
        with whole_file(path) as temporary:
            np.savez(temporary, scores=scores, predictions=predictions)
        return predictions

    def close(self) -> None:
        """Delete the checkpoint: the fit is done and written."""
        _clear(self._folder)


def _kept(path: Path, scores: np.ndarray) -> np.ndarray | None:
    """Return the predictions kept for exactly these scores; None where there are none or the file is broken."""
    if not path.is_file():
        return None
    try:
        with np.load(path) as archive:
            return archive["predictions"] if np.array_equal(archive["scores"], scores) else None
    except (OSError, ValueError, KeyError, BadZipFile):
        return None


def _clear(folder: Path) -> None:
    """Delete a checkpoint folder, and no other folder."""
    if folder.is_dir() and ((folder / FINGERPRINT_FILE).is_file() or not any(folder.iterdir())):
        shutil.rmtree(folder)
    elif folder.exists():
        raise UserError("is not a checkpoint of a fit, so it is not replaced; move it.", file=folder, code=Exit.OUTPUT)
