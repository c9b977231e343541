"""Shares of a joint effect: Shapley values and pairwise interactions, from all subsets of players or from orders.

The value of a game is known for subsets of its players. A player's Shapley value is what it adds on average over all
orders in which the players could join; the values of all players add up to the value of all less that of none
(Shapley 1953). The interaction of a pair is how much more, or less, both add together than each by itself, averaged
over the others that may be there (Grabisch and Roubens 1999).
"""

from __future__ import annotations

from itertools import combinations
from math import factorial

import numpy as np

from model.scenarios.uncertainty.draws import key_of


def all_subsets(players: int) -> np.ndarray:
    """Return every subset, shape ``(2 ** players, players)``: bit ``i`` of its number says if player ``i`` is in it."""
    return (np.arange(1 << players)[:, None] >> np.arange(players) & 1).astype(bool)


def shapley_values(values: np.ndarray) -> np.ndarray:
    """Return the Shapley values of a game.

    Args:
        values: of every subset, in the order of ``all_subsets``, shape ``(2 ** players, ...)``.

    Returns:
        Shape ``(players, ...)``.
    """
    players, sizes = _players(values)
    shapley = np.empty((players, *values.shape[1:]))
    for player in range(players):
        without = _without(players, player)
        weights = np.array([factorial(size) * factorial(players - size - 1) for size in sizes[without]], dtype=float)
        gains = values[without | 1 << player] - values[without]
        shapley[player] = np.tensordot(weights / factorial(players), gains, axes=1)
    return shapley


def shapley_interactions(values: np.ndarray) -> np.ndarray:
    """Return the Shapley interaction index of every pair.

    Args:
        values: of every subset, in the order of ``all_subsets``, shape ``(2 ** players, ...)``.

    Returns:
        Shape ``(players, players, ...)``: symmetric, zero on the diagonal.
    """
    players, sizes = _players(values)
    interactions = np.zeros((players, players, *values.shape[1:]))
    for one, other in combinations(range(players), 2):
        without = _without(players, one, other)
        weights = np.array([factorial(size) * factorial(players - size - 2) for size in sizes[without]], dtype=float)
        first, second = 1 << one, 1 << other
        both = values[without | first | second] - values[without | first] - values[without | second] + values[without]
        interactions[one, other] = interactions[other, one] = np.tensordot(
            weights / factorial(players - 1), both, axes=1
        )
    return interactions


def _players(values: np.ndarray) -> tuple[int, np.ndarray]:
    """Return the number of players, and the size of every subset."""
    players = len(values).bit_length() - 1
    if len(values) != 1 << players:
        raise ValueError(f"expected the values of all subsets, found {len(values)}")
    return players, all_subsets(players).sum(axis=1)


def _without(players: int, *left_out: int) -> np.ndarray:
    """Return the positions of the subsets that hold none of some players."""
    subsets = np.arange(1 << players)
    return subsets[~np.any([subsets >> player & 1 for player in left_out], axis=0)]


def random_orders(players: int, pairs: int, seed: int, stream: str) -> np.ndarray:
    """Draw random orders of players, each followed by its reverse (antithetic), keyed by name.

    Returns:
        Shape ``(2 * pairs, players)``.
    """
    generator = np.random.default_rng(key_of(f"{seed}|{stream}"))
    drawn = [generator.permutation(players) for _ in range(pairs)]
    return np.array([order for permutation in drawn for order in (permutation, permutation[::-1])])


def subsets_of_order(order: np.ndarray) -> np.ndarray:
    """Return the subsets that form as players join in an order, none to all, shape ``(players + 1, players)``."""
    rank = np.argsort(order)
    return rank[None, :] < np.arange(len(order) + 1)[:, None]


def gains_of_order(order: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return what each player adds in an order.

    Args:
        order: players as they join.
        values: of the subsets met, shape ``(players + 1, ...)``.

    Returns:
        By player, shape ``(players, ...)``.
    """
    gains = np.empty((len(order), *values.shape[1:]))
    gains[order] = np.diff(values, axis=0)
    return gains


def end_subsets(players: int) -> np.ndarray:
    """Return the subsets that ``end_interactions`` reads: at most two players in, or at most two out.

    Returns:
        Each subset once, shape ``(subsets, players)``.
    """
    chosen = [(), *combinations(range(players), 1), *combinations(range(players), 2)]
    few = np.zeros((len(chosen), players), dtype=bool)
    for row, members in enumerate(chosen):
        few[row, list(members)] = True
    return np.unique(np.concatenate([few, ~few]), axis=0)


def end_interactions(subsets: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the interaction of every pair: mean of its second differences without and with all other players.

    It equals the Shapley interaction index where no more than three players act on one another.

    Args:
        subsets: those of ``end_subsets``.
        values: theirs, shape ``(subsets, ...)``.

    Returns:
        Shape ``(players, players, ...)``.
    """
    players = subsets.shape[1]
    position = {row.tobytes(): index for index, row in enumerate(subsets)}

    def value(members: tuple[int, ...], *, others: bool) -> np.ndarray:
        row = np.full(players, others)
        row[list(members)] = not others
        return values[position[row.tobytes()]]

    interactions = np.zeros((players, players, *values.shape[1:]))
    for one, other in combinations(range(players), 2):
        # A second difference is the same whether players join or leave.
        ends = [
            value((one, other), others=others)
            - value((one,), others=others)
            - value((other,), others=others)
            + value((), others=others)
            for others in (False, True)
        ]
        interactions[one, other] = interactions[other, one] = 0.5 * (ends[0] + ends[1])
    return interactions
