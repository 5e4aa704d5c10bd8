# SPDX-License-Identifier: Apache-2.0
"""Every command of the README's table works as it is typed, in the order in which it stands."""
import os
import pathlib
import re
import subprocess
import sys

import pytest

from test_main_job import SHARED
from test_schema import ROOT, binary

ROW = re.compile(r"^\| [^|]+ \| `((?:foreshadow|python3) [^`]+)` \|$", re.MULTILINE)
COMMANDS = ROW.findall((ROOT / "README.md").read_text())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder that looks like a clone to the commands, and whose results are nobody's loss."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "Scenarios").symlink_to(ROOT / "Scenarios")
    (folder / "docs").symlink_to(ROOT / "docs")
    (folder / "bin").mkdir()
    (folder / "bin" / "foreshadow").symlink_to(binary())
    return folder


def test_the_table_is_found():
    assert len(COMMANDS) >= 15


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command.split()[1:3]))
def test_command(folder, command):
    if "FORESHADOW_SHARED" in command and not SHARED.exists():
        pytest.skip("skipped: no shared data")
    environment = {
        **os.environ,
        # The Python that has what the examples need.
        "PATH": f"{folder / 'bin'}:{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}",
        "FORESHADOW_SHARED": str(SHARED.resolve()),
    }
    result = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, cwd=folder, env=environment)
    assert result.returncode == 0, result.stderr[-2000:]
    # A command that has nothing to say has not done what the table promises.
    written = folder / command.split(">")[-1].strip()
    assert result.stdout or result.stderr or written.stat().st_size > 0
