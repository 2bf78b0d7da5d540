"""Makes the golden files of tests/golden.rs: models trained by LightGBM's Python package and what
that package predicts with them.

Run with lightgbm 4.7.0 and numpy:  python make_golden.py

Every file holds the model text, rows (the bit patterns of f32, row by row) and, for each row, the
bit patterns of the f64 raw score and of the f64 prediction.
"""

import json
import pathlib

import lightgbm as lgb
import numpy as np

HERE = pathlib.Path(__file__).parent
BASE = dict(
    num_leaves=15, min_data_in_leaf=5, learning_rate=0.2, verbosity=-1, num_threads=1,
    deterministic=True, force_row_wise=True, seed=7,
)


def table(rng, rows, features, missing, zeros, categories=()):
    x = rng.normal(size=(rows, features)) * 10.0 ** rng.integers(-3, 4, features)
    x[rng.random(x.shape) < zeros] = 0.0
    for column in categories:
        x[:, column] = rng.integers(0, 70, rows)
    x[rng.random(x.shape) < missing] = np.nan
    return x.astype(np.float32)


def hard_rows(rng, x, categories=()):
    """Rows seen in training, rows never seen, and the values where comparisons are delicate."""
    fresh = table(rng, 60, x.shape[1], 0.2, 0.2, categories)
    tiny = np.float32(1e-35)
    odd = rng.choice(
        np.array(
            [np.nan, 0.0, -0.0, tiny, -tiny, np.nextafter(tiny, np.float32(1), dtype=np.float32),
             -np.nextafter(tiny, np.float32(1), dtype=np.float32), 1e-40, -1e-40, 1e38, -1e38,
             np.inf, -np.inf, -0.5, -1.0, 69.9, 70.0, 1e9, 3e9], np.float32),
        (60, x.shape[1]))
    return np.concatenate([x[:60], fresh, odd]).astype(np.float32)


def label(rng, x):
    z = np.nan_to_num(x[:, 0]) / 3 + np.isnan(x[:, 1]) * 1.5 + (np.nan_to_num(x[:, 2]) == 0)
    return (z + rng.normal(size=len(x)) * 0.3 > 0.5).astype(np.float32)


def write(name, booster, rows):
    bits = lambda a: np.ascontiguousarray(a, np.float64).view(np.uint64).tolist()
    case = {
        "model": booster.model_to_string(),
        "features": rows.shape[1],
        "rows": rows.view(np.uint32).ravel().tolist(),
        "raw": bits(booster.predict(rows, raw_score=True, num_threads=1)),
        "predicted": bits(booster.predict(rows, num_threads=1)),
    }
    (HERE / f"{name}.json").write_text(json.dumps(case, separators=(",", ":")) + "\n")
    print(name, booster.num_trees(), "trees")


def case(name, trees=12, features=8, missing=0.15, zeros=0.15, categories=(), rank=False, **params):
    rng = np.random.default_rng(sum(map(ord, name)))
    x = table(rng, 600, features, missing, zeros, categories)
    y = label(rng, x)
    if categories:
        y = ((np.nan_to_num(x[:, categories[0]]).astype(int) * 2654435761 >> 7) % 3 == 0).astype(np.float32)
    p = dict(BASE, **params)
    extra = dict(group=[20] * 30) if rank else {}
    train = lgb.Dataset(x, y, params=p, categorical_feature=list(categories), **extra)
    write(name, lgb.train(p, train, trees), hard_rows(rng, x, categories))


assert lgb.__version__ == "4.7.0", lgb.__version__
case("binary", objective="binary")
case("sigmoid", objective="binary", sigmoid=1.7, trees=5)
case("lambdarank", objective="lambdarank", rank=True)
case("regression", objective="regression")
case("without_missing", objective="binary", missing=0.0)
case("use_missing_false", objective="binary", use_missing=False)
case("zero_as_missing", objective="binary", zero_as_missing=True, missing=0.05)
case("categorical", objective="binary", categories=(3, 5), min_data_per_group=5, cat_smooth=1.0)
case("categorical_onehot", objective="binary", categories=(3,), max_cat_to_onehot=100, trees=6)
case("one_leaf", objective="binary", min_data_in_leaf=400, trees=3)
case("stumps", objective="binary", num_leaves=2)
case("average", objective="binary", boosting="rf", bagging_freq=1, bagging_fraction=0.6)
case("bagged", objective="binary", num_leaves=31, bagging_freq=1, bagging_fraction=0.8,
     feature_fraction=0.6, lambda_l2=1.0)
