"""Times the paper's net in PyTorch and in hashrec-classifier, of the same shape on the same posts.

    pip install torch numpy
    python net.py TRAIN.tsv TEST.tsv MEASURE_CLASSIFIER [--posts 3000] [--epochs 2] [--threads 1 2]

`prepare_posts` of benches/quality makes the two files, and MEASURE_CLASSIFIER is that built program.
Both start from random word vectors of 300 numbers, with the default width, batches of 32 posts,
dropout, clipped gradients and AdamW. PyTorch's side is as one would write it for speed: packed
sequences, its own LSTM and attention, sparse gradients of word vectors, and only the output layers of
the batch's communities. Reported are posts per second in training, by the clock and of processor
time, and milliseconds of processor time for one post alone. The two take turns; the best round of
each counts.
"""
import argparse
import collections
import os
import re
import subprocess
import tempfile
import time

import numpy as np
import torch
from torch import nn

DIM, HIDDEN, HEADS, COMMUNITY, WORDS, BATCH, MIN_COUNT = 300, 64, 4, 32, 64, 32, 2
DROPOUT, RATE, CLIP = 0.2, 0.003, 5.0


class Net(nn.Module):
    def __init__(self, words, spaces):
        super().__init__()
        self.words = nn.Embedding(words + 1, DIM, padding_idx=0, sparse=True)
        self.lstm = nn.LSTM(DIM, HIDDEN, batch_first=True, bidirectional=True)
        self.attention = nn.MultiheadAttention(2 * HIDDEN, HEADS, batch_first=True)
        self.norm = nn.LayerNorm(2 * HIDDEN)
        self.communities = nn.Embedding(len(spaces), COMMUNITY)
        self.heads = nn.ModuleList(nn.Linear(4 * HIDDEN + COMMUNITY, space) for space in spaces)
        self.dropout = nn.Dropout(DROPOUT)

    def texts(self, words, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(
            self.dropout(self.words(words)), lengths, batch_first=True, enforce_sorted=False)
        hidden, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        padding = torch.arange(hidden.shape[1])[None] >= lengths[:, None]
        attended, _ = self.attention(hidden, hidden, hidden, key_padding_mask=padding,
                                     need_weights=False)
        tokens = self.norm(hidden + attended)
        mean = tokens.masked_fill(padding[..., None], 0).sum(1) / lengths[:, None]
        return torch.cat([mean, tokens.masked_fill(padding[..., None], -1e9).amax(1)], 1)

    def forward(self, words, lengths, communities):
        joint = torch.cat([self.texts(words, lengths), self.communities(communities)], 1)
        joint = self.dropout(joint)
        return {c: (at, self.heads[c](joint[at])) for c in communities.unique().tolist()
                for at in [(communities == c).nonzero()[:, 0]]}


def read(path, limit):
    posts = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            community, gold, words = line.rstrip("\n").split("\t", 2)
            gold = [int(tag) for tag in gold.split(",") if tag]
            posts.append((int(community), gold, words.split(" ")[:WORDS]))
    order = np.random.default_rng(1).permutation(len(posts))[:limit]
    return [posts[i] for i in order]


def batch(posts, ids):
    rows = [[ids[w] for w in words if w in ids] or [0] for _, _, words in posts]
    lengths = torch.tensor([len(row) for row in rows])
    words = torch.zeros(len(rows), int(lengths.max()), dtype=torch.long)
    for i, row in enumerate(rows):
        words[i, :len(row)] = torch.tensor(row)
    return words, lengths, torch.tensor([community for community, _, _ in posts])


def train(posts, ids, spaces, epochs, threads):
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    net = Net(len(ids), spaces)
    sparse = torch.optim.SparseAdam([net.words.weight], lr=RATE)
    dense = torch.optim.AdamW([p for p in net.parameters() if p is not net.words.weight], lr=RATE)
    others = [p for p in net.parameters() if p is not net.words.weight]
    random = np.random.default_rng(1)
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(epochs):
        order = random.permutation(len(posts))
        for at in range(0, len(order), BATCH):
            chosen = [posts[i] for i in order[at:at + BATCH]]
            loss, count = 0.0, 0
            for rows, logits in net(*batch(chosen, ids)).values():
                gold = torch.zeros_like(logits)
                for row, i in enumerate(rows.tolist()):
                    gold[row, chosen[i][1]] = 1
                loss = loss + nn.functional.binary_cross_entropy_with_logits(
                    logits, gold, reduction="sum")
                count += logits.numel()
            sparse.zero_grad(set_to_none=True)
            dense.zero_grad(set_to_none=True)
            (loss / count).backward()
            nn.utils.clip_grad_norm_(others, CLIP)
            sparse.step()
            dense.step()
    return net, time.perf_counter() - wall, time.process_time() - cpu


def latency(net, posts, ids):
    torch.set_num_threads(1)
    net.eval()
    times = []
    with torch.inference_mode():
        for post in posts:
            start = time.process_time()
            net(*batch([post], ids))
            times.append(time.process_time() - start)
    return 1e3 * float(np.mean(times[20:]))


def write(posts, path):
    with open(path, "w", encoding="utf-8") as file:
        for community, gold, words in posts:
            file.write(f"{community}\t{','.join(map(str, gold))}\t{' '.join(words)}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train")
    parser.add_argument("test")
    parser.add_argument("program")
    parser.add_argument("--posts", type=int, default=3000)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    posts, test = read(args.train, args.posts), read(args.test, 300)
    spaces = [1] * (max(post[0] for post in posts) + 1)
    for community, gold, _ in posts:
        spaces[community] = max([spaces[community]] + [tag + 1 for tag in gold])
    test = [post for post in test if post[0] < len(spaces) and post[1]]
    counts = collections.Counter(w for _, _, words in posts for w in set(words))
    ids = {w: i for i, (w, n) in enumerate(counts.most_common(), 1) if n >= MIN_COUNT}
    print(f"{len(posts)} posts, {len(ids)} words, {len(spaces)} communities")
    with tempfile.TemporaryDirectory() as work:
        paths = [os.path.join(work, name) for name in ("train.tsv", "test.tsv")]
        write(posts, paths[0])
        write(test, paths[1])
        for threads in args.threads:
            best = {"PyTorch": [np.inf] * 3, "hashrec": [np.inf] * 3}
            for _ in range(args.rounds):
                net, wall, cpu = train(posts, ids, spaces, args.epochs, threads)
                rounds = {"PyTorch": (wall, cpu, latency(net, test, ids))}
                run = [args.program, *paths, f"epochs={args.epochs}", "validation=0",
                       f"threads={threads}"]
                out = subprocess.run(run, check=True, stdout=subprocess.PIPE, text=True).stdout
                wall, cpu = re.search(r"trained: ([\d.]+) s, ([\d.]+) CPU s", out).groups()
                ms = re.search(r"([\d.]+) CPU ms a post", out)[1]
                rounds["hashrec"] = (float(wall), float(cpu), float(ms))
                for name, found in rounds.items():
                    best[name] = list(map(min, best[name], found))
            for what, (theirs, ours) in zip(("s", "CPU s"), zip(*best.values())):
                of = args.epochs * len(posts)
                print(f"{threads} threads: training {of / ours:.0f} posts per {what}, "
                      f"PyTorch {of / theirs:.0f} ({theirs / ours:.2f})")
            theirs, ours = best["PyTorch"][2], best["hashrec"][2]
            print(f"one post {ours:.2f} CPU ms, PyTorch {theirs:.2f} ({ours / theirs:.2f})",
                  flush=True)


if __name__ == "__main__":
    main()
