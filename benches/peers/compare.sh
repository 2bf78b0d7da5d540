#!/bin/sh
# compare.sh DATA_DIR BUNDLE...
#
# Times hashrec with each bundle, and the scikit-learn peer, in turn on the posts of
# DATA_DIR/test.jsonl, and prints every figure's median with its ratio to the first bundle's.
# The peer is trained on DATA_DIR/train.jsonl once and kept in the work folder.
#
#   PYTHON   python with requirements.txt installed       (python3)
#   LATENCY  the built program   (target/release/latency of this workspace; built if missing)
#   WORK     folder for the peer's model and the reports  (a temporary one)
#   ROUNDS   how often everything takes its turn          (3)
#   COUNT    posts a turn                                 (500)
#
# With a folder of the reference's scripts, its stack takes turns too, and the CPU time of training
# ours is measured beside that of its recipe:
#
#   PEERS       folder with run.py, systems.py and recipe/; PYTHON needs its requirements
#   TRAIN       the built example      (target/release/examples/train; built if missing)
#   DICTIONARY  a MeCab dictionary to train with           (none)
#   TRAININGS   how often training takes its turn          (1)
set -eu
if [ $# -lt 2 ]; then
    echo "usage: compare.sh DATA_DIR BUNDLE..." >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
data=$1
shift
python=${PYTHON:-python3}
rounds=${ROUNDS:-3}
count=${COUNT:-500}
if [ -n "${WORK:-}" ]; then
    work=$WORK
    mkdir -p "$work"
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
if [ -z "${LATENCY:-}" ]; then
    (cd "$root" && cargo build --release --package hashrec-benches --bin latency)
    LATENCY=${CARGO_TARGET_DIR:-$root/target}/release/latency
fi

model=$work/peer.joblib
if [ ! -f "$model" ]; then
    echo "training the peer on $data/train.jsonl" >&2
    "$python" "$here/latency.py" train "$data/train.jsonl" "$model.new"
    mv "$model.new" "$model"
fi

peers=${PEERS:-}
if [ -n "$peers" ]; then
    stack=$work/stack
    mkdir -p "$stack"
    for posts in train test; do
        [ -e "$stack/$posts.jsonl" ] || ln -s "$(realpath "$data/$posts.jsonl")" "$stack/"
    done
    "$python" "$here/stack.py" train "$peers" "$stack"
fi

rm -f "$work"/round-*.json
round=1
while [ "$round" -le "$rounds" ]; do
    number=1
    for bundle in "$@"; do
        "$LATENCY" --bundle "$bundle" --posts "$data/test.jsonl" --count "$count" \
            --json "$work/round-$round-$number.json"
        number=$((number + 1))
    done
    "$python" "$here/latency.py" time "$model" "$data/test.jsonl" --count "$count" \
        --json "$work/round-$round-peer.json"
    if [ -n "$peers" ]; then
        "$python" "$here/stack.py" time "$peers" "$stack" "$data/test.jsonl" --count "$count" \
            --json "$work/round-$round-stack.json"
    fi
    round=$((round + 1))
done
echo
"$python" "$here/table.py" "$work"/round-*.json
if [ -z "$peers" ]; then
    exit
fi

if [ -z "${TRAIN:-}" ]; then
    (cd "$root" && cargo build --release --package hashrec-examples --features train --example train)
    TRAIN=${CARGO_TARGET_DIR:-$root/target}/release/examples/train
fi
echo
"$python" "$here/training.py" "$peers" "$stack" --rounds "${TRAININGS:-1}" \
    --json "$work/training.json" -- "$TRAIN" --posts "$data/train.jsonl" \
    --bundle "$work/trained" ${DICTIONARY:+--dictionary "$DICTIONARY"}
