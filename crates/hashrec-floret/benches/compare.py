"""Trains on one text with floret and with this crate, at equal settings, and compares them.

    pip install floret==0.10.5 numpy
    python compare.py TEXT CLASSES [--dim 100] [--epochs 5] [--threads 1 2 4]

TEXT has one post a line, words separated by spaces; CLASSES has each line's class. Reported, for
some runs of each side. The distance between floret's own runs is the noise: its Python package
takes no seed and keeps the order of the lines, so its runs get them in different random orders.
floret runs with 2 threads unless told otherwise: with 1 it fills only a tenth of the table with
random numbers, leaves the rest zero, and learns visibly less.

  cpu         seconds of processor time, reading and writing included; wall time is no use on a
              machine that is shared
  neighbours  share of the 10 nearest words in common with each run above and (1) with itself, over
              words that occur at least 20 times (--frequent); floret's second run against its
              first is what chance alone leaves in common
  centroid    accuracy of the nearest class centroid to a post's vector; every second post trains
  knn         accuracy of the vote of the 10 nearest training posts
"""
import argparse
import collections
import json
import os
import resource
import subprocess
import sys
import tempfile

import floret
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def unit(x):
    return x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-9)


def neighbours(vectors, k=10):
    similar = unit(vectors) @ unit(vectors).T
    np.fill_diagonal(similar, -2)
    return np.argsort(-similar, axis=1)[:, :k]


def overlap(a, b):
    return np.mean([len(set(x) & set(y)) / len(x) for x, y in zip(a, b)])


def posts(lines, words, vectors):
    index = {w: i for i, w in enumerate(words)}
    lengths = unit(vectors)
    out = np.zeros((len(lines), vectors.shape[1]), np.float32)
    for i, line in enumerate(lines):
        ids = [index[w] for w in line if w in index]
        if ids:
            out[i] = lengths[ids].mean(0)
    return unit(out)


def scores(x, classes):
    train, test = np.arange(len(x)) % 2 == 0, np.arange(len(x)) % 2 == 1
    names = sorted(set(classes[train]))
    centres = unit(np.stack([x[train & (classes == c)].mean(0) for c in names]))
    centroid = np.mean(np.array(names)[np.argmax(x[test] @ centres.T, axis=1)] == classes[test])
    nearest = np.argsort(-(x[test] @ x[train].T), axis=1)[:, :10]
    votes = [collections.Counter(row).most_common(1)[0][0] for row in classes[train][nearest]]
    return centroid, np.mean(np.array(votes) == classes[test])


def cpu(run):
    """Processor seconds of a child process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text")
    parser.add_argument("classes")
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--floret-threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--frequent", type=int, default=20)
    parser.add_argument("--model", default="skipgram", choices=["skipgram", "cbow"])
    parser.add_argument("--binary", help="the built example `train_floret`; built if not given")
    args = parser.parse_args()
    with open(args.text, encoding="utf-8") as file:
        lines = [line.split() for line in file]
    with open(args.classes, encoding="utf-8") as file:
        classes = np.array([line.strip() for line in file])
    counts = collections.Counter(w for line in lines for w in line)
    words = [w for w, n in counts.most_common() if n > 1]
    frequent = sum(counts[w] >= args.frequent for w in words)
    print(f"{sum(counts.values())} tokens, {len(words)} words, {frequent} of them frequent, "
          f"{len(lines)} posts")

    binary = args.binary
    if not binary:
        build = ["cargo", "build", "--release", "--features", "train", "--example", "train_floret", "--message-format=json"]
        built = subprocess.run(build, cwd=HERE, check=True, stdout=subprocess.PIPE, text=True)
        messages = map(json.loads, built.stdout.splitlines())
        binary = next(m["executable"] for m in messages if m.get("executable"))

    results = {}

    def add(name, seconds, vectors):
        x = posts(lines, words, vectors)
        results[name] = neighbours(vectors[:frequent])
        centroid, knn = scores(x, classes)
        common = " ".join(f"{overlap(other, results[name]):.3f}" for other in results.values())
        print(f"{name:18} cpu {seconds:6.1f}  centroid {centroid:.4f}  knn {knn:.4f}  "
              f"neighbours {common}", flush=True)

    with tempfile.TemporaryDirectory() as work:
        for seed in range(1, args.runs + 1):
            path, text = os.path.join(work, "floret.bin"), os.path.join(work, "text")
            order = np.random.default_rng(seed).permutation(len(lines))
            with open(text, "w", encoding="utf-8") as file:
                file.writelines(" ".join(lines[i]) + "\n" for i in order)
            settings = dict(model=args.model, mode="floret", hashCount=2, bucket=50000,
                            dim=args.dim, minn=3, maxn=6, minCount=2, epoch=args.epochs, lr=0.05,
                            ws=5, neg=5, thread=args.floret_threads, verbose=0)
            code = ("import floret, sys, json; floret.train_unsupervised(sys.argv[1], "
                    "**json.loads(sys.argv[2])).save_model(sys.argv[3])")
            child = [sys.executable, "-c", code, text, json.dumps(settings), path]
            seconds = cpu(lambda: subprocess.run(child, check=True, stderr=subprocess.DEVNULL))
            model = floret.load_model(path)
            add(f"floret, run {seed}", seconds,
                np.stack([model.get_word_vector(w) for w in words]))
        matrix, output = model.get_input_matrix(), model.get_output_matrix()
        for threads in args.threads:
            for seed in range(1, args.runs + 1):
                path = os.path.join(work, "ours.floret")
                settings = dict(model={"skipgram": "skip_gram"}.get(args.model, args.model),
                                dim=args.dim, epochs=args.epochs, threads=threads, seed=seed)
                child = [binary, args.text, path, json.dumps(settings)]
                seconds = cpu(lambda: subprocess.run(child, check=True, stderr=subprocess.DEVNULL))
                with open(path, encoding="utf-8") as file:
                    file.readline()
                    rows = np.array([line.split()[1:] for line in file], dtype=np.float32)
                # floret hashes: its own rows are replaced by ours, below those of its vocabulary.
                mine = matrix.copy()
                mine[-len(rows):] = rows
                model.set_matrices(mine, output)
                add(f"ours x{threads}, run {seed}", seconds,
                    np.stack([model.get_word_vector(w) for w in words]))


if __name__ == "__main__":
    main()
