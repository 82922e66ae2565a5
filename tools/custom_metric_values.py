"""Writes what the container's own metrics say of some predictions: ``PYTHON custom_metric_values.py SRC > FILE``.

PYTHON has numpy and scikit-learn (below 1.6 for images before 3.2), SRC is the container's ``src``. The file is test
data: what the embedded AWS computes is compared with it."""

import json
import sys

import numpy as np

LABELS = [0, 1, 1, 0, 1, 0, 0, 1]
PREDICTIONS = {
    "one number": [-1.5, 0.75, -0.25, 0.5, 2.0, -0.125, 0.25, 1.0],
    "all above 0": [0.1, 0.9, 0.4, 0.6, 0.8, 0.2, 0.3, 0.7],
    "none above 0": [-0.1, -0.9, -0.4, -0.6, -0.8, -0.2, -0.3, -0.7],
    "a row of two": [[0.5, 0.25], [0.1, 0.9], [0.6, 0.4], [1, 0], [0, 1], [0.2, 0.8], [0.7, 0.3], [0.4, 0.6]],
}


class Matrix:
    """As much of a DMatrix as the metrics ask for."""

    def get_label(self) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        return np.asarray(LABELS, dtype=float)


def main() -> None:
    sys.path.insert(0, sys.argv[1])
    from sagemaker_xgboost_container.metrics.custom_metrics import CUSTOM_METRICS  # type: ignore[import-not-found]

    found = []
    for name, predictions in PREDICTIONS.items():
        of = {}
        for metric, function in sorted(CUSTOM_METRICS.items()):
            if name == "a row of two" and metric in ("mae", "mse", "rmse", "r2"):
                continue
            of[metric] = float(function(np.asarray(predictions), Matrix())[1])
        found.append({"predictions": predictions, "labels": LABELS, "values": of})
    json.dump(found, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
