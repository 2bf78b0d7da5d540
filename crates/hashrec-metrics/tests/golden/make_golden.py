"""Writes rankings.json: random rankings, their measures by ranx, and a report over them.

usage: python make_golden.py > rankings.json     (needs ranx 0.3)

ranx divides average precision by the whole gold, also where k is smaller; that is put on this
crate's scale, min(gold, k). Every number is checked against plain formulas before it is written.
"""

import json
import math
import random
import sys

import numpy as np
from ranx import Qrels, Run, evaluate

KS = [1, 2, 3, 5, 10, 20, 50]
NAMES = ["precision", "recall", "map", "mrr", "ndcg"]
TRAIN = {"alpha": 12, "beta": 199, "gamma": 200, "delta": 1500, "epsilon": 49}


def plain(ranking, gold, k):
    hits = [i for i, tag in enumerate(ranking[:k], 1) if tag in gold]
    possible = min(len(gold), k)
    gain = sum(1 / math.log2(i + 1) for i in hits)
    ideal = sum(1 / math.log2(i + 1) for i in range(1, possible + 1))
    return [
        len(hits) / k,
        len(hits) / len(gold),
        sum(n / i for n, i in enumerate(hits, 1)) / possible,
        1 / hits[0] if hits else 0.0,
        gain / ideal,
    ]


def by_ranx(posts, k):
    qrels = Qrels({p["id"]: {tag: 1 for tag in p["gold"]} for p in posts})
    # Strictly falling scores, so ranx has no ties to break.
    run = Run({p["id"]: {tag: float(-i) for i, tag in enumerate(p["ranking"])} for p in posts})
    names = [f"{name}@{k}" for name in NAMES]
    scores = evaluate(qrels, run, names, return_mean=False)
    order = sorted(p["id"] for p in posts)
    rows = {id: [float(scores[name][i]) for name in names] for i, id in enumerate(order)}
    for p in posts:
        row = rows[p["id"]]
        row[2] *= len(p["gold"]) / min(len(p["gold"]), k)
    return rows


def bucket(n):
    return "<50" if n < 50 else "50-199" if n < 200 else "200-999" if n < 1000 else ">=1000"


def mean(values):
    values = list(values)
    return math.fsum(values) / len(values)


def report(posts, rows, k, excluded):
    out = {"k": k, "posts": len(posts), "excluded": excluded}
    for i, name in enumerate(NAMES):
        out[name] = mean(rows[p["id"]][i] for p in posts)
    communities, sizes = {}, {}
    for p in posts:
        communities.setdefault(p["community"], []).append(rows[p["id"]])
        sizes.setdefault(bucket(TRAIN[p["community"]]), []).append(rows[p["id"]][4])
    out["ndcg_macro"] = mean(mean(r[4] for r in c) for c in communities.values())
    out["by_community_size"] = [
        {"bucket": b, "posts": len(sizes[b]), "ndcg": mean(sizes[b])}
        for b in ("<50", "50-199", "200-999", ">=1000")
        if b in sizes
    ]
    out["communities"] = [
        dict(
            {"community": c, "train_posts": TRAIN[c], "posts": len(r)},
            **{name: mean(row[i] for row in r) for i, name in enumerate(NAMES)},
        )
        for c, r in sorted(communities.items())
    ]
    return out


def main():
    rng = random.Random(11)
    tags = [f"t{i:02}" for i in range(60)]
    posts = []
    for i in range(120):
        gold = rng.sample(tags, rng.choice([1, 1, 2, 3, 5, 12, 30]))
        ranking = rng.sample(tags, rng.choice([1, 4, 10, 30, 60]))
        if rng.random() < 0.5:  # as a system with some skill would rank
            ranking.sort(key=lambda tag: rng.random() - 0.6 * (tag in gold))
        community = rng.choices(list(TRAIN), [1, 2, 3, 6, 1])[0]
        posts.append({"id": f"{i:03}", "community": community, "ranking": ranking, "gold": gold})
    scores, reports = {}, {}
    for k in KS:
        rows = by_ranx(posts, k)
        for p in posts:
            expected = plain(p["ranking"], p["gold"], k)
            if not np.allclose(rows[p["id"]], expected, rtol=0, atol=1e-12):
                sys.exit(f"ranx and the formulas differ: post {p['id']}, k {k}")
        scores[k] = [rows[p["id"]] for p in posts]
        reports[k] = report(posts, rows, k, excluded=3)
    for p in posts:
        del p["id"]
    json.dump({"train_posts": TRAIN, "posts": posts, "scores": scores, "reports": reports},
              sys.stdout)


main()
