#!/usr/bin/env python3
"""CPU seconds of training: ours and the scripts of PEERS/recipe, in turn on the same posts.

    training.py PEERS WORK [--rounds N] [--json FILE] -- COMMAND...

COMMAND trains ours. WORK holds train.jsonl, test.jsonl and what `stack.py train` or
`run.py WORK prepare` made of them. The recipe's three processes:

    count   reads the posts, splits titles and test posts into words, counts words and n-grams
    build   models and rows (`build.py WORK final`)
    fit     the ranker, applied to the test posts (`fin.py WORK final base`)

User and system time of each whole process. Ours includes reading and tokenising; `count` is the
recipe's part of that, so it stands apart.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path


def cpu_s(command, **settings):
    """Runs a command to its end; the CPU seconds it took."""
    print("+", " ".join(map(str, command)), file=sys.stderr)
    child = subprocess.Popen(command, stdout=sys.stderr, **settings)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{command[0]} failed with {child.returncode}")
    return used.ru_utime + used.ru_stime


def recipe(peers, work):
    """CPU seconds of the recipe's processes, which write into a folder of their own."""
    scratch = tempfile.mkdtemp()
    name = work.name
    environment = os.environ | {
        "WORK": str(work.parent),
        "CACHE": scratch,
        "THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": str(peers / "recipe"),
    }
    python = [sys.executable, "-B"]
    load = f"import core; core.load({name!r})"
    commands = {
        "count": [*python, "-c", load],
        "build": [*python, peers / "recipe" / "build.py", name, "final"],
        "fit": [*python, peers / "recipe" / "fin.py", name, "final", "base"],
    }
    try:
        return {step: cpu_s(run, env=environment) for step, run in commands.items()}
    finally:
        shutil.rmtree(scratch)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("peers", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("command", nargs="+")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--json")
    arguments = parser.parse_args()
    peers, work = arguments.peers.resolve(), arguments.work.resolve()
    rounds = []
    for _ in range(arguments.rounds):
        figures = {"hashrec": cpu_s(arguments.command)}
        steps = recipe(peers, work)
        figures |= {f"recipe, {step}": used for step, used in steps.items()}
        figures["recipe, build + fit"] = steps["build"] + steps["fit"]
        figures["ratio"] = figures["hashrec"] / figures["recipe, build + fit"]
        rounds.append(figures)
    print("| training, CPU s | median | rounds |")
    print("|---|---|---|")
    for name in rounds[0]:
        values = [figures[name] for figures in rounds]
        shown = ", ".join(f"{value:.3g}" for value in values)
        title = "hashrec to the recipe's build + fit" if name == "ratio" else name
        print(f"| {title} | {statistics.median(values):.3g} | {shown} |")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as out:
            json.dump(rounds, out, indent=2)


if __name__ == "__main__":
    main()
