#!/usr/bin/env python3
"""The stack of a folder with the reference's scripts: trains it, then times it from raw text.

    stack.py train PEERS WORK               train row l of PEERS/systems.py on WORK/train.jsonl
    stack.py time PEERS WORK TEST.jsonl     time evenly spaced posts on one thread

PEERS holds run.py and systems.py; nothing is written there. Each step of the training is a process of
its own, whose CPU seconds are printed; what is finished in WORK is not trained again.
"""
import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

# One thread, and what latency.py sets before numpy is loaded.
from latency import WARM_UP, peak_rss_mib, percentiles, read_posts

PARTS = ("knn", "svm", "multilabel", "ranker")
STEPS = [("prepare",), ("floret",)]
STEPS += [("train", part) for part in PARTS]
STEPS += [("train", f"fold_{part}") for part in PARTS]
STEPS += [("train", "stack")]


def children_cpu_s():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run_step(peers, work, step):
    """Runs a step of run.py unless its note of completion is there; its CPU seconds."""
    if (work / "info" / ("_".join(step) + ".json")).exists():
        return None
    before = children_cpu_s()
    command = [sys.executable, "-B", peers / "run.py", work, *step]
    subprocess.run(command, check=True, env=os.environ | {"THREADS": "1"})
    return children_cpu_s() - before


def train(arguments):
    total = 0.0
    for step in STEPS:
        used = run_step(arguments.peers, arguments.work, step)
        if used is not None:
            total += used
            print(f"{' '.join(step)}: {used:.0f} CPU s", file=sys.stderr)
    print(f"stack: {total:.0f} CPU s in this call", file=sys.stderr)


def measure(arguments):
    sys.path.insert(0, str(arguments.peers))
    sys.dont_write_bytecode = True
    start = time.perf_counter()
    import run
    import systems
    import torch
    from res import Doc, Res

    torch.set_num_threads(1)
    resources = Res(str(arguments.work))
    stack = run.build(str(arguments.work), "l_stack", resources)
    for community in resources.space:
        resources.tagvecs(community)
    load_ms = (time.perf_counter() - start) * 1e3

    every = read_posts(arguments.posts)
    # The same posts as `latency` of the Rust package takes.
    posts = every[:: max(1, len(every) // arguments.count)][: arguments.count]

    def recommend(post):
        return systems.recommend(stack, resources, post["community"], Doc(resources, post["text"]))

    for post in posts[:WARM_UP]:
        recommend(post)
    wall, cpu, hits = [], [], 0
    for post in posts:
        wall_start, cpu_start = time.perf_counter(), time.process_time()
        recommended = recommend(post)
        cpu.append(time.process_time() - cpu_start)
        wall.append(time.perf_counter() - wall_start)
        hits += recommended[0] in post["hashtags"]
    report = {
        "stack": {
            "calls": len(posts),
            "wall_ms": percentiles(wall),
            "cpu_ms": percentiles(cpu),
            "load_ms": load_ms,
            "peak_rss_mib": peak_rss_mib(),
        }
    }
    print(f"stack: {len(posts)} posts, first hashtag right for {hits / len(posts):.0%}")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as out:
            json.dump(report, out, indent=2)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("train")
    command.add_argument("peers", type=Path)
    command.add_argument("work", type=Path)
    command.set_defaults(run=train)
    command = commands.add_parser("time")
    command.add_argument("peers", type=Path)
    command.add_argument("work", type=Path)
    command.add_argument("posts")
    command.add_argument("--count", type=int, default=500)
    command.add_argument("--json")
    command.set_defaults(run=measure)
    arguments = parser.parse_args()
    arguments.peers, arguments.work = arguments.peers.resolve(), arguments.work.resolve()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
