"""Rows that are easy to part from all others: an isolation forest, by scikit-learn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import PluginError
from seedbed.stats.values import Floats

Matrix = NDArray[np.float64]


class IsolationForest:
    """A forest grown on some rows, which scores any; the same rows and seed give the same scores with one version of scikit-learn.

    Source: Liu, Ting and Zhou, "Isolation forest", ICDM 2008.
    """

    def __init__(self, rows: Matrix, seed: int = 42) -> None:
        """Grow a forest on rows of numbers, shape (n, k); NaN counts as the column's median.

        Raises:
            PluginError: scikit-learn isn't installed.
        """
        try:
            from sklearn.ensemble import IsolationForest as Forest
        except ImportError as error:
            message = "an isolation forest needs scikit-learn, which isn't installed"
            raise PluginError(message, fix="pip install 'seedbed[ml]'") from error
        self._medians = np.array([_median(column) for column in rows.T])
        self._forest = Forest(n_estimators=100, random_state=seed, n_jobs=1).fit(self._filled(rows))

    def scores(self, rows: Matrix) -> Floats:
        """How odd each row is, shape (n,): 0.5 is usual, 0.6 far, 1 alone."""
        return np.asarray(-self._forest.score_samples(self._filled(rows)), np.float64)

    def _filled(self, rows: Matrix) -> Matrix:
        return np.where(np.isfinite(rows), rows, self._medians)


def _median(column: Floats) -> float:
    held = column[np.isfinite(column)]
    return float(np.median(held)) if len(held) else 0.0
