"""Writes scores.json: scores of made-up logits by scikit-learn, SciPy and NumPy.

Development only: python3 test/reference/scores.py, with scikit-learn 1.9 installed; then npm run format.
"""

import json
import pathlib

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from scipy.stats import binom
from sklearn.metrics import (
    balanced_accuracy_score,
    brier_score_loss,
    confusion_matrix,
    log_loss,
    precision_recall_fscore_support,
    top_k_accuracy_score,
)

FOLDER = pathlib.Path(__file__).parent


def calibration(confidences, accuracies, n_bins=15):
    """torchmetrics.functional.classification.calibration_error._ce_compute, with bins of equal numbers of images."""
    boundaries = np.sort(confidences)[np.arange(1, n_bins) * len(confidences) // n_bins]
    indices = np.searchsorted(boundaries, confidences, side="right")
    count = np.bincount(indices, minlength=n_bins)
    conf_bin = np.bincount(indices, confidences, n_bins) / count
    acc_bin = np.bincount(indices, accuracies, n_bins) / count
    prop_bin = count / count.sum()
    return float(np.sum(np.abs(acc_bin - conf_bin) * prop_bin))


def case(name, n, k, sharpness, seed):
    random = np.random.default_rng(seed)
    labels = random.integers(0, k, n)
    logits = np.round(sharpness * (random.normal(0, 1, (n, k)) + 2 * np.eye(k)[labels]), 3)
    p = softmax(logits, axis=1)
    answers = p.argmax(axis=1)
    confidence = p.max(axis=1)
    right = answers == labels
    order = np.argsort(confidence, kind="stable")
    bins = np.array_split(order, 15) if n % 15 == 0 else None
    risk = 1 - np.cumsum(right[order[::-1]]) / np.arange(1, n + 1)
    scores = np.sort(1 - p[np.arange(n), labels])
    ranked = np.sort(p, axis=1)[:, ::-1].cumsum(axis=1)
    place = (p > p[np.arange(n), labels][:, None]).sum(axis=1)
    cumulative = np.sort(ranked[np.arange(n), place])
    rank = int(np.ceil((n + 1) * 0.9))
    fitted = minimize_scalar(
        lambda b: -log_softmax(logits * np.exp(b), axis=1)[np.arange(n), labels].mean(),
        bounds=(-4, 4),
        method="bounded",
        options={"xatol": 1e-10},
    )

    def averaged(average):
        return [x if average else x.tolist() for x in precision_recall_fscore_support(labels, answers, average=average, zero_division=0)[:3]]

    return {
        "name": name,
        "classes": k,
        "labels": labels.tolist(),
        "logits": logits.ravel().tolist(),
        "logLoss": log_loss(labels, p, labels=list(range(k))),
        "brier": brier_score_loss(labels, p, labels=list(range(k)), scale_by_half=False),
        "top2": top_k_accuracy_score(labels, p, k=2, labels=list(range(k))),
        "top3": top_k_accuracy_score(labels, p, k=3, labels=list(range(k))) if k > 3 else 1.0,
        "perClass": averaged(None),
        "macro": averaged("macro"),
        "weighted": averaged("weighted"),
        "confusion": confusion_matrix(labels, answers, normalize="true").tolist(),
        # torchmetrics 1.8, functional.calibration_error with norm "l1", by its formula but with bins of equal mass, as arrays
        # in place of its bin boundaries: sum(abs(acc_bin - conf_bin) * prop_bin).
        "torchmetrics": calibration(confidence, right),
        "balanced": balanced_accuracy_score(labels, answers),
        "calibrationError": sum(len(b) / n * abs(right[b].mean() - confidence[b].mean()) for b in bins),
        "areaUnderRiskCoverage": risk.mean(),
        "accuracyAt90": right[order[::-1]][: round(0.9 * n)].mean(),
        "temperature": float(np.exp(-fitted.x)),
        "lac": scores[rank - 1],
        "aps": cumulative[rank - 1],
    }


tails = [[e, n, r, binom.cdf(e, n, r)] for e, n, r in [(0, 299, 0.01), (3, 1000, 0.01), (40, 60, 0.5), (12, 5000, 0.001)]]
cases = [case("too certain", 600, 5, 3, 1), case("not certain enough", 300, 10, 0.4, 2), case("three classes", 150, 3, 1, 3)]
(FOLDER / "scores.json").write_text(json.dumps({"cases": cases, "tails": tails}) + "\n")
