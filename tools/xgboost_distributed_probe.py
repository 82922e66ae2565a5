"""Which hyperparameters make training on several instances fail although one instance trains with them.

``python -m tools.xgboost_distributed_probe`` with the Python whose XGBoost is asked (1.7 or later): two processes train
together with each set, by the collective that the container uses. What it prints is behind the last rules of
xgboost_beyond.toml."""

from __future__ import annotations

import multiprocessing
import queue
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import xgboost
from xgboost import collective
from xgboost.tracker import RabitTracker

_NEW = not xgboost.__version__.startswith("1.")
_SECONDS = 20

_TREES = [{"tree_method": each} for each in ("auto", "exact", "approx", "hist")]
_UPDATERS = [{"updater": each} for each in ("grow_colmaker", "grow_histmaker", "grow_quantile_histmaker")]
_BOOSTERS = [{"booster": "gblinear"}, {"booster": "gblinear", "updater": "shotgun"}, {"booster": "dart"}]
_OBJECTIVES = (
    "binary:hinge binary:logistic binary:logitraw count:poisson multi:softmax multi:softprob rank:map rank:ndcg "
    "rank:pairwise reg:absoluteerror reg:gamma reg:linear reg:logistic reg:pseudohubererror reg:squarederror "
    "reg:squaredlogerror reg:tweedie survival:cox"
)
_METRICS = "auc aucpr cox-nloglik error gamma-deviance logloss map mape mphe ndcg poisson-nloglik rmsle"
_OTHERS = [
    {"dsplit": "row"},
    {"dsplit": "col"},
    {"num_parallel_tree": 3, "subsample": 0.5},
    {"grow_policy": "lossguide", "max_leaves": 4},
    {"monotone_constraints": "(1,0,0,0,0)", "tree_method": "hist"},
    {"colsample_bynode": 0.5},
]


def sets() -> Iterator[dict[str, Any]]:
    yield from (*_TREES, *_UPDATERS, *_BOOSTERS, *_OTHERS)
    yield from ({"objective": each} for each in _OBJECTIVES.split())
    yield from ({"objective": "binary:logistic", "eval_metric": each} for each in _METRICS.split())


def rows(objective: str, seed: int) -> xgboost.DMatrix:
    random = np.random.RandomState(seed)
    features = random.rand(200, 5)
    labels = 1 + features[:, 0] * 3
    if objective.startswith("multi"):
        labels = random.randint(0, 3, 200)
    elif objective.startswith(("binary", "reg:logistic", "rank")):
        labels = features[:, 0] > 0.5
    return xgboost.DMatrix(features, label=labels, nthread=1)


def work(address: dict[str, Any], rank: int, given: dict[str, Any], said: Any) -> None:
    """One instance."""
    objective = given.get("objective", "reg:squarederror")
    classes = {"num_class": 3} if objective.startswith("multi") else {}
    place = {"dmlc_task_id": str(rank)} if _NEW else {}
    try:
        with collective.CommunicatorContext(**address, **place):
            train, validation = rows(objective, rank), rows(objective, 7)
            asked = {**given, **classes, "nthread": 1, "verbosity": 0}
            watched = [(train, "train"), (validation, "validation")]
            xgboost.train(asked, train, 3, evals=watched, verbose_eval=False)
        said.put("")
    except (xgboost.core.XGBoostError, ValueError) as error:
        said.put(str(error).split("Stack trace", maxsplit=1)[0].strip())


def failure(given: dict[str, Any]) -> str:
    """What the first process that fails says; empty where both train."""
    if _NEW:
        tracker = RabitTracker(n_workers=2, host_ip="127.0.0.1", sortby="task")
        tracker.start()
        address = tracker.worker_args()
    else:
        tracker = RabitTracker(host_ip="127.0.0.1", n_workers=2)
        tracker.start(2)
        address = tracker.worker_envs()
    context = multiprocessing.get_context("fork")
    said = context.Queue()
    processes = [context.Process(target=work, args=(address, rank, given, said), daemon=True) for rank in range(2)]
    for process in processes:
        process.start()
    try:
        answers = [said.get(timeout=_SECONDS) for _ in processes]
    except queue.Empty:
        answers = ["no answer"]
    for process in processes:
        process.kill()
        process.join()
    return next((answer for answer in answers if answer), "")


def main() -> None:
    for given in sets():
        sys.stdout.write(f"{given}: {failure(given) or 'trains'}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
