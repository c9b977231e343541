"""The API of the model under a name that cannot clash with another package: ``import bnssg_model``.

It is ``model.api`` and nothing else; see docs/python.md.
"""

from model import __version__ as __version__
from model.api import *  # noqa: F403
from model.api import __all__ as __all__
