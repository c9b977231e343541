"""Several faults of a network told in one, so that a planner mends them in one round."""

from __future__ import annotations

from typing import NoReturn

from model.registry.errors import UserError


def raise_together(faults: list[UserError]) -> NoReturn:
    """Raise faults as one that stands where the first stands and tells all, each at its place."""
    first, *others = faults
    if not others:
        raise first
    text = "\n".join([str(UserError(first.message, nearest=first.nearest)), *(str(fault) for fault in others)])
    raise UserError(text, file=first.file, line=first.line, key=first.key, code=first.code)
