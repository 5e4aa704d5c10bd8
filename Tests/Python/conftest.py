# SPDX-License-Identifier: Apache-2.0
"""The run files under test.

Two kinds: the sample that the Swift tests wrote (FORESHADOW_SAMPLE_RUN, set by scripts/test), whose
values are known, and the output of `foreshadow run` on the quickstart scenario, made here with the
release build when there is one (or FORESHADOW_RUN_FILE, a file that is there already).
"""
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = ROOT / ".build" / "release" / "foreshadow"
SCENARIO = ROOT / "Scenarios" / "quickstart.yaml"


@pytest.fixture(scope="session")
def sample_file():
    path = os.environ.get("FORESHADOW_SAMPLE_RUN")
    if not path:
        pytest.skip("FORESHADOW_SAMPLE_RUN is not set; scripts/test sets it")
    assert os.path.exists(path), f"the Swift tests did not write {path}"
    return path


@pytest.fixture(scope="session")
def program_file(tmp_path_factory):
    if given := os.environ.get("FORESHADOW_RUN_FILE"):
        return given
    if not BINARY.exists() or not SCENARIO.exists():
        pytest.skip("no release build of the foreshadow command")
    path = tmp_path_factory.mktemp("run") / "quickstart.h5"
    subprocess.run([BINARY, "run", SCENARIO, "--output", path], check=True, cwd=ROOT)
    return str(path)


@pytest.fixture(params=["sample", "program"])
def run_file(request):
    return request.getfixturevalue(f"{request.param}_file")


@pytest.fixture(params=["h5netcdf", "netcdf4"])
def engine(request):
    return request.param
