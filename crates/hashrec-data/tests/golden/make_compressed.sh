#!/bin/sh
# Writes posts.jsonl.zst and posts.jsonl.gz with the usual tools: two zstd frames with checksums and
# a skippable frame between them, two gzip members. Needs zstd and gzip.
set -eu
first='{"id":"1","community":"製品","text":"題名\n本文","hashtags":["新機能"]}'
second='{"id":"2","community":"製品","text":"title","hashtags":[]}'
one() { printf '%s\n' "$1" | zstd -q -19 --long=24 --check; }
{ one "$first"; printf '\120\052\115\030\003\000\000\000abc'; one "$second"; } > posts.jsonl.zst
{ printf '%s\n' "$first" | gzip -9n; printf '%s\n' "$second" | gzip -1n; } > posts.jsonl.gz
