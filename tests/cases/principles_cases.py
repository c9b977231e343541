"""Options by hand, a file of two principles with round numbers, and the shipped one, for tests of the principles."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache

import numpy as np
from costing_cases import basis, option

from model.appraisal.costing.appraisal import appraise
from model.appraisal.prioritisation.principles import read_principles
from model.appraisal.prioritisation.scoring import Ranking, score_options
from model.scenarios.resolver import resolve
from model.sectors.model_registry import registry

SPREAD = np.array([0.4, 0.9, 1.0, 1.9])
LEVEL = 100.0
BY_HAND = """
description: Two principles with round numbers.
prices: 2022/23
principles:
  impact:
    title: Impact
    question: How many?
    weight: {value: 3, source: assumption}
    criteria:
      beds:
        title: Beds
        from: headline
        of: bed_days
        zero: {value: 10, source: assumption}
        hundred: {value: -10, source: assumption}
      lists:
        title: Lists
        from: headline
        of: rtt
        weight: {value: 3, source: assumption}
        zero: {value: 5, source: assumption}
        hundred: {value: -5, source: assumption}
  money:
    title: Money
    question: How much?
    weight: {value: 1, source: assumption}
    criteria:
      cost:
        title: Cost
        from: figure
        of: programme_cost
        zero: {value: £4m, source: assumption}
        hundred: {value: £0, source: assumption}
evidence:
  strong: {value: 100, source: assumption}
  moderate: {value: 75, source: assumption}
  weak: {value: 40, source: assumption}
  assumption: {value: 15, source: assumption}
  "null": {value: 0, source: assumption}
moved: {share: {value: 1 %, source: assumption}, agreement: {value: 80 %, source: assumption}}
review: {months: {value: 12 months, source: assumption}}
weights: {draws: {value: 4000, source: assumption}, concentration: {value: 4, source: assumption}, seed: 1}
"""


def from_text(folder, text=BY_HAND, **others):
    path = folder / "principles.yaml"
    path.write_text(text, encoding="utf-8")
    return read_principles(registry(), path, assumptions=basis(), **others)


@lru_cache(maxsize=1)
def shipped():
    return read_principles(registry(), assumptions=basis())


@lru_cache(maxsize=1)
def real_programme():
    changes = {"end": "2026-04-01", "interventions": ["icb_running_costs"]}
    return resolve("baseline", registry(), changes=changes).programmes[0]


def programme(name="hub", grade="strong", start=date(2023, 4, 1)):
    return replace(real_programme(), name=name, evidence_grade=grade, start=start)


@lru_cache(maxsize=1)
def resolved():
    return resolve("baseline", registry(), changes={"end": "2026-04-01"})


def scenario(name, *programmes):
    return replace(resolved(), name=name, programmes=programmes)


def made(name, assumptions, *, effects=None, times=1.0, members=SPREAD):
    """The option by hand under a name, its effects and gains times a factor, some headlines replaced."""
    plain = option(assumptions, members=members)
    changes = {key: values * times for key, values in plain.effects.items()} | (effects or {})
    gains = {key: values * times for key, values in plain.gains.items()}
    benefits = tuple(
        replace(line, quantity=line.quantity * times) if line.kind.result else line for line in plain.benefits
    )
    return appraise(replace(plain, name=name, title=name, effects=changes, gains=gains, benefits=benefits), assumptions)


def nothing(assumptions, members=SPREAD):
    plain = option(assumptions, members=members)
    empty = {key: 0 * values for key, values in plain.effects.items()}
    gains = {key: 0 * values for key, values in plain.gains.items()}
    bare = replace(plain, name="do_nothing", title="do nothing", costs=(), benefits=(), staff=())
    return appraise(replace(bare, effects=empty, gains=gains), assumptions)


def level(appraisals):
    return {name: np.full_like(values, LEVEL) for name, values in appraisals[0].option.effects.items()}


def ranked(appraisals, principles, scenarios=None) -> Ranking:
    scenarios = scenarios or [
        scenario(appraisal.option.name, *([programme()] if appraisal.option.costs else [])) for appraisal in appraisals
    ]
    return score_options(appraisals, scenarios, principles, level(appraisals))


def three(assumptions=None) -> list:
    """A strong option, a weak one that it dominates, and doing nothing."""
    assumptions = assumptions or basis()
    return [made("strong", assumptions, times=2.0), made("weak", assumptions), nothing(assumptions)]
