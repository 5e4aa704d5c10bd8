# SPDX-License-Identifier: Apache-2.0
"""What benchmarks of the command itself share: the release build of `foreshadow`."""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parent.parent.parent


def build():
    """Builds the program; returns where it is."""
    command = ["swift", "build", "-c", "release", "--package-path", str(ROOT), "--product", "foreshadow"]
    subprocess.run(command, check=True, stdout=sys.stderr)
    return pathlib.Path(
        subprocess.check_output([*command, "--show-bin-path"], text=True).strip()) / "foreshadow"
