#!/usr/bin/env python3
"""A small scikit-learn peer: trains per community, then times recommendations from raw text.

    latency.py train TRAIN.jsonl MODEL      fit on posts, write the model
    latency.py time MODEL TEST.jsonl        time evenly spaced posts on one thread

Two systems per community, both on TF-IDF of words and word pairs: `linear`, a linear SVM for every
hashtag, and `nearest`, a vote of the 30 most similar posts by cosine.
"""
import argparse
import json
import os
import re
import sys
import time
import unicodedata

# One thread, which BLAS has to know before numpy loads it.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import joblib
import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

WARM_UP = 20
NEIGHBOURS = 30
MAX_TERMS = 50_000
MAX_CHARS = 4_000
WORD = re.compile(r"\w+")
KANA = re.compile(r"[\u3041-\u30ff]")
TAGGER = None


def read_posts(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def is_japanese(posts):
    some = posts[:: max(1, len(posts) // 1000)]
    return 2 * sum(bool(KANA.search(post["text"])) for post in some) > len(some)


def words(text, japanese):
    text = unicodedata.normalize("NFKC", text[:MAX_CHARS]).lower()
    if not japanese:
        return WORD.findall(text)
    global TAGGER
    if TAGGER is None:
        import fugashi

        TAGGER = fugashi.Tagger("-Owakati")
    return [word for word in TAGGER.parse(text).split() if WORD.search(word)]


def terms(words):
    """The words, then the pairs of words side by side."""
    return words + [f"{first} {second}" for first, second in zip(words, words[1:])]


def same(value):
    return value


class Community:
    """Both systems of one community."""

    def __init__(self, documents, hashtags):
        self.names = sorted({tag for tags in hashtags for tag in tags})
        column = {name: at for at, name in enumerate(self.names)}
        self.vectorizer = TfidfVectorizer(
            analyzer=same,
            sublinear_tf=True,
            min_df=2 if len(documents) >= 50 else 1,
            max_features=MAX_TERMS,
            dtype=np.float32,
        )
        posts = self.vectorizer.fit_transform(documents)
        pairs = [(row, column[tag]) for row, tags in enumerate(hashtags) for tag in set(tags)]
        rows, columns = zip(*pairs)
        ones = np.ones(len(pairs), np.float32)
        self.tagged = sparse.csr_matrix((ones, (rows, columns)), (len(documents), len(self.names)))
        self.by_term = posts.T.tocsr()
        self.weights, self.bias = self._fit_linear(posts.astype(np.float64))

    def _fit_linear(self, posts):
        weights = np.zeros((posts.shape[1], len(self.names)), np.float32)
        bias = np.ones(len(self.names), np.float32)
        for at in range(len(self.names)):
            gold = self.tagged[:, [at]].toarray().ravel()
            if gold.all():
                continue
            # A rough optimum is enough: it takes as long to apply as an exact one.
            svm = LinearSVC(tol=0.05, max_iter=200, random_state=1).fit(posts, gold)
            weights[:, at], bias[at] = svm.coef_[0], svm.intercept_[0]
        return weights, bias

    def linear(self, row):
        return (row @ self.weights).ravel() + self.bias

    def nearest(self, row):
        similarity = (row @ self.by_term).toarray().ravel()
        best = np.argpartition(-similarity, min(NEIGHBOURS, len(similarity)) - 1)[:NEIGHBOURS]
        return self.tagged[best].T @ similarity[best]

    def recommend(self, system, document, k=10):
        row = self.vectorizer.transform([document])
        scores = self.linear(row) if system == "linear" else self.nearest(row)
        best = np.argpartition(-scores, min(k, len(scores)) - 1)[:k]
        return [self.names[at] for at in best[np.argsort(-scores[best], kind="stable")]]


def train(arguments):
    posts = [post for post in read_posts(arguments.posts) if post["hashtags"]]
    japanese = is_japanese(posts)
    by_name = {}
    for post in posts:
        by_name.setdefault(post["community"], []).append(post)
    communities = {}
    for name, posts in sorted(by_name.items()):
        documents = [terms(words(post["text"], japanese)) for post in posts]
        communities[name] = Community(documents, [post["hashtags"] for post in posts])
        print(f"{name}: {len(posts)} posts, {len(communities[name].names)} hashtags", file=sys.stderr)
    joblib.dump({"japanese": japanese, "communities": communities}, arguments.model)


def percentiles(seconds):
    p50, p99 = np.percentile(seconds, [50, 99]) * 1e3
    return {"p50": float(p50), "p99": float(p99)}


def peak_rss_mib():
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            line = next(line for line in status if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    except (OSError, StopIteration):
        return None


def measure(arguments):
    start = time.perf_counter()
    model = joblib.load(arguments.model)
    load_ms = (time.perf_counter() - start) * 1e3
    communities, japanese = model["communities"], model["japanese"]
    every = read_posts(arguments.posts)
    # The same posts as `latency` of the Rust package takes.
    posts = every[:: max(1, len(every) // arguments.count)][: arguments.count]

    def recommend(system, post):
        document = terms(words(post["text"], japanese))
        return communities[post["community"]].recommend(system, document)

    report = {}
    for system in ("linear", "nearest"):
        for post in posts[:WARM_UP]:
            recommend(system, post)
        wall, cpu, hits = [], [], 0
        for post in posts:
            wall_start, cpu_start = time.perf_counter(), time.thread_time()
            recommended = recommend(system, post)
            cpu.append(time.thread_time() - cpu_start)
            wall.append(time.perf_counter() - wall_start)
            hits += recommended[0] in post["hashtags"]
        report[system] = {
            "calls": len(posts),
            "wall_ms": percentiles(wall),
            "cpu_ms": percentiles(cpu),
            "load_ms": load_ms,
            "peak_rss_mib": peak_rss_mib(),
        }
        # A sign of life: a peer that is fast by recommending nonsense is no peer.
        print(f"{system}: {len(posts)} posts, first hashtag right for {hits / len(posts):.0%}")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as out:
            json.dump(report, out, indent=2)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("train")
    command.add_argument("posts")
    command.add_argument("model")
    command.set_defaults(run=train)
    command = commands.add_parser("time")
    command.add_argument("model")
    command.add_argument("posts")
    command.add_argument("--count", type=int, default=500)
    command.add_argument("--json")
    command.set_defaults(run=measure)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
