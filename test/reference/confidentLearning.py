"""Writes confidentLearning.json: what cleanlab finds in made-up probabilities.

Development only: python3 test/reference/confidentLearning.py, with cleanlab 2.9 installed; then npm run format.
"""

import json
import pathlib

import numpy as np
from cleanlab.count import compute_confident_joint, get_confident_thresholds
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores

FOLDER = pathlib.Path(__file__).parent


def case(name, n, k, sharpness, noise, seed):
    """Probabilities of n images of k classes; a share of the labels is wrong."""
    random = np.random.default_rng(seed)
    true = random.integers(0, k, n)
    logits = random.normal(0, 1, (n, k)) + sharpness * np.eye(k)[true]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    p = np.round(p, 4)
    wrong = random.random(n) < noise
    labels = np.where(wrong, (true + random.integers(1, k, n)) % k, true)
    joint = compute_confident_joint(labels, p, calibrate=False)
    issues = find_label_issues(labels, p, filter_by="confident_learning")
    margins = get_label_quality_scores(labels, p, method="normalized_margin", adjust_pred_probs=False)
    return {
        "name": name,
        "classes": k,
        "labels": labels.tolist(),
        "probabilities": p.ravel().tolist(),
        "thresholds": np.round(get_confident_thresholds(labels, p), 10).tolist(),
        "joint": joint.tolist(),
        "issues": np.flatnonzero(issues).tolist(),
        "margins": np.round(2 * margins - 1, 10).tolist(),
    }


cases = [
    case("clear", 60, 3, 4, 0.1, 1),
    case("unsure", 80, 4, 1.5, 0.3, 2),
    case("two classes", 40, 2, 2, 0.2, 3),
    case("many classes", 90, 9, 3, 0.1, 4),
]
(FOLDER / "confidentLearning.json").write_text(json.dumps(cases) + "\n")
