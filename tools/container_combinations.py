"""Combinations of hyperparameters that the container's validators are asked about: by name and value, not by rule."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations as pairs

COUNTS = ("num_class", "csv_weights", "early_stopping_rounds", "max_depth", "max_leaves", "max_bin", "nthread")
COUNTS += ("num_parallel_tree", "one_drop", "prob_buffer_row", "refresh_leaf", "seed", "verbosity")
NUMBERS = ("aft_loss_distribution_scale", "alpha", "base_score", "colsample_bylevel", "colsample_bynode")
NUMBERS += ("colsample_bytree", "eta", "gamma", "lambda", "lambda_bias", "max_delta_step", "min_child_weight")
NUMBERS += ("rate_drop", "scale_pos_weight", "sketch_eps", "skip_drop", "subsample", "tweedie_variance_power")
NUMBERS += ("learning_rate", "min_split_loss", "reg_alpha", "reg_lambda")
SWITCHES = ("deterministic_histogram", "save_model_on_termination", "single_precision_histogram")
SWITCHES += ("use_dask_gpu_training",)
WORDS = {
    "aft_loss_distribution": "normal logistic extreme Normal",
    "booster": "gbtree gblinear dart linear",
    "dsplit": "row col rows",
    "grow_policy": "depthwise lossguide loss",
    "normalize_type": "tree forest trees",
    "predictor": "auto cpu_predictor gpu_predictor cpu",
    "process_type": "default update refresh",
    "sample_type": "uniform weighted even",
    "sampling_method": "uniform gradient_based even",
    "tree_method": "auto exact approx hist gpu_hist gpu_exact",
}
OBJECTIVES = (
    "binary:hinge binary:logistic binary:logitraw count:poisson multi:softmax multi:softprob rank:map rank:ndcg "
    "rank:pairwise reg:absoluteerror reg:gamma reg:linear reg:logistic reg:pseudohubererror reg:quantileerror "
    "reg:squarederror reg:squaredlogerror reg:tweedie survival:aft survival:cox"
)
METRICS = (
    "accuracy aft-nloglik auc aucpr balanced_accuracy cox-nloglik error f1 f1_binary f1_macro gamma-deviance "
    "gamma-nloglik interval-regression-accuracy logloss mae map mape merror mlogloss mphe mse ndcg poisson-nloglik "
    "precision precision_macro precision_micro quantile r2 recall recall_macro recall_micro rmse rmsle tweedie-nloglik "
    "error@0.7 ndcg@5 map@3 ndcg@5- rmse@2 auc@0.5 error@ error@x"
)
METRIC_LISTS = (
    "auc,error",
    "error,auc",
    "auc, error",
    " auc",
    "auc,",
    ",",
    "",
    "AUC",
    "auc;error",
    "rmse,aft-nloglik",
    "accuracy,f1,rmse,mae",
    "error@0.7,error@0.3",
    "logloss,auc,accuracy",
)
UPDATERS = (
    "coord_descent distcol grow_colmaker grow_histmaker grow_local_histmaker grow_quantile_histmaker grow_skmaker "
    "grow_gpu_hist prune refresh shotgun sync"
)
MONOTONE = ("(1)", "(1,)", "(0,1)", "( 1, -1 )", "(2,1)", "()", "1", "1,0", "[1,0]", "(1 0)", "(01,1)", "(1,0,)", "(,)")
INTERACTION = ("[[1,2]]", "[[1,2],[3,4]]", "[[0,1]]", "[[1 2]]", "[[01,2]]", "[1,2]", "[]", "[[]]", "[[1,]]", "[[1],]")
INTERACTION += ("[[1, 2], [3]]", "[[ ]]", "[[,]]", "[[1,,2]]", "[[-1,2]]", "[[1.5,2]]", "[[1,2]", "[ [1,2] ]")


def combinations() -> Iterator[dict[str, str]]:
    """Each is a whole set, as a training job is given it."""
    for given in _given():
        yield {"num_round": "5", **given}
    yield {}
    for value in ("0", "-1", "1", "1.5", "1e2", "", "x", "100000"):
        yield {"num_round": value}


def _given() -> Iterator[dict[str, str]]:
    yield from _single()
    for objective in [*OBJECTIVES.split(), "logistic", "binary:Logistic"]:
        yield {"objective": objective}
        yield {"objective": objective, "num_class": "3"}
    yield {"num_class": "3"}
    for metric in (*METRICS.split(), *METRIC_LISTS):
        yield {"eval_metric": metric}
        for objective in OBJECTIVES.split():
            classes = {"num_class": "3"} if objective.startswith("multi:") else {}
            yield {"objective": objective, "eval_metric": metric, **classes}
    for name, values in (("monotone_constraints", MONOTONE), ("interaction_constraints", INTERACTION)):
        for value in values:
            for method in (None, *WORDS["tree_method"].split()):
                yield {name: value, **({"tree_method": method} if method else {})}
    for case in _updater_cases():
        for updater in (*UPDATERS.split(), "", "prune,", "prune, refresh"):
            yield {"updater": updater, **case}
        for one, other in pairs(UPDATERS.split(), 2):
            yield {"updater": f"{one},{other}", **case}
    yield from _beyond()
    yield {"updater": "grow_colmaker,prune,refresh"}
    yield {"updater": "prune,prune"}
    yield {"updater": "shotgun,shotgun", "booster": "gblinear"}
    yield {"booster": "gblinear", "process_type": "update", "updater": "prune"}


def _single() -> Iterator[dict[str, str]]:
    for name in COUNTS:
        for value in ("-1", "0", "1", "2", "3", "4", "1.0", "1.5", "1e2", "x", "", "2147483647", "-2147483648", "+1"):
            yield {name: value}
    for name in NUMBERS:
        for value in ("-0.1", "0", "0.0", "0.5", "1", "1.0", "1.5", "2", "1e-3", ".5", "5.", "1e6", "x", "", "0,5"):
            yield {name: value}
    for name in SWITCHES:
        for value in ("true", "false", "True", "0", "1", ""):
            yield {name: value}
    for name, words in WORDS.items():
        for value in (*words.split(), ""):
            yield {name: value}
    for name in ("max_dept", "n_estimators", "random_state", "silent_", "eval_metrics", "device", "missing"):
        yield {name: "1"}


def _updater_cases() -> Iterator[dict[str, str]]:
    yield {}
    for booster in WORDS["booster"].split()[:3]:
        yield {"booster": booster}
    for process in WORDS["process_type"].split()[:2]:
        yield {"process_type": process}


def _beyond() -> Iterator[dict[str, str]]:
    """What the container's validators do not look at together."""
    for booster in WORDS["booster"].split()[:3]:
        for metric in ("rmse", "mae", "rmse,mae"):
            yield {
                "booster": booster,
                "objective": "reg:squarederror",
                "early_stopping_rounds": "2",
                "eval_metric": metric,
            }
        yield {"booster": booster, "early_stopping_rounds": "2"}
    for method in WORDS["tree_method"].split():
        for policy in WORDS["grow_policy"].split()[:2]:
            for depth in ("0", "4"):
                yield {"tree_method": method, "grow_policy": policy, "max_depth": depth, "max_leaves": "8"}
        yield {"tree_method": method, "use_dask_gpu_training": "true"}
        yield {"tree_method": method, "sampling_method": "gradient_based"}
        yield {"tree_method": method, "sampling_method": "gradient_based", "subsample": "0.5"}
        yield {"tree_method": method, "colsample_bynode": "0.5"}
        yield {"tree_method": method, "colsample_bylevel": "0.5"}
    for objective in ("binary:logistic", "binary:logitraw", "binary:hinge", "reg:logistic", "reg:squarederror"):
        for score in ("0", "0.0", ".5", "5e-1", "1", "1.0", "2"):
            yield {"objective": objective, "base_score": score}
    for updater in ("grow_colmaker", "grow_histmaker", "grow_local_histmaker", "grow_colmaker,prune"):
        yield {"updater": updater, "max_depth": "0"}
        yield {"updater": updater, "colsample_bynode": "0.5"}
        yield {"updater": updater, "sampling_method": "gradient_based", "subsample": "0.5"}
    for objective in OBJECTIVES.split():
        classes = {"num_class": "3"} if objective.startswith("multi:") else {}
        for name, value in (("base_score", "0"), ("num_parallel_tree", "2"), ("dsplit", "row")):
            yield {"objective": objective, name: value, **classes}
    yield {"objective": "reg:squarederror", "eval_metric": "cox-nloglik", "dsplit": "row"}
    for number in ("2", "3"):
        for metric in METRICS.split():
            yield {"objective": "multi:softmax", "num_class": number, "eval_metric": f"{metric},merror"}
