"""Logistic regression over the terms of calls."""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from postcall.extraction.learning.corpus import Matrix, Rows

Array: TypeAlias = npt.NDArray[np.float64]

STRENGTH: Final = 100.0
"""The inverse of the regularisation: from 50 to 1,000 it made no difference on labelled calls of eight questions."""
_NEGLIGIBLE: Final = 1e-8
_BELOW_ALL: Final = 2.0
"""How far under the least score a value stands that no learner had."""


def fit(matrix: Matrix, learners: Rows, classes: Rows, *, count: int) -> tuple[Array, Array]:
    """Weights (a row a term, a column a value, each row adding up to 0) and intercepts.

    `classes` are the learners', from 0 to `count` - 1. With an L2 penalty the weights lie in the span of the learners'
    calls, so they are found in that small space, exactly and many times faster than among all terms.
    """
    from sklearn.linear_model import LogisticRegression

    calls = matrix[learners]
    values, vectors = np.linalg.eigh((calls @ calls.T).toarray())
    strong = values > _NEGLIGIBLE
    lengths, vectors = np.sqrt(values[strong]), vectors[:, strong]
    model = LogisticRegression(C=STRENGTH, max_iter=2_000)
    model.fit(vectors * lengths, classes)
    weights = calls.T @ (vectors / lengths @ model.coef_.T)
    return _spread(np.asarray(weights), np.asarray(model.intercept_), np.asarray(model.classes_), count=count)


def _spread(weights: Array, intercepts: Array, seen: Rows, *, count: int) -> tuple[Array, Array]:
    """One column a value, also where there are only two, or where none of the learners had a value."""
    if len(seen) == 2:  # scikit-learn then keeps the second value's only
        weights, intercepts = np.hstack([-weights, weights]) / 2, np.concatenate([-intercepts, intercepts]) / 2
    weights = weights - weights.mean(axis=1, keepdims=True)
    all_weights, all_intercepts = np.zeros((weights.shape[0], count)), np.full(count, -np.inf)
    all_weights[:, seen], all_intercepts[seen] = weights, intercepts - intercepts.mean()
    return all_weights, all_intercepts


def score(matrix: Matrix, rows: Rows, weights: Array, intercepts: Array) -> Array:
    """The scores of calls; a value that no learner had comes last."""
    scores: Array = np.asarray(matrix[rows] @ weights) + np.where(np.isfinite(intercepts), intercepts, 0.0)
    scores[:, ~np.isfinite(intercepts)] = (scores.min(axis=1) - _BELOW_ALL)[:, None]
    return scores
