# SPDX-License-Identifier: Apache-2.0
"""A run that is killed goes on from its last checkpoint, in another process, to the same bytes."""
import random
import subprocess
import time

import pytest

from test_schema import ROOT, binary, run

SCENARIO = ROOT / "Scenarios" / "quickstart.yaml"
SETTINGS = ["--set", "workload.synthetic.vms=80", "--set", "workload.history='2 d'"]


def command(output, policy, *more):
    return ["run", SCENARIO, "--output", output, "--policy", policy, "--force", *SETTINGS, *more]


@pytest.mark.parametrize("policy", ["pvms", "moving-window"])
def test_kill_at_any_moment(tmp_path, policy):
    whole = tmp_path / "whole.h5"
    begun = time.monotonic()
    expected = run(*command(whole, policy, "--json"))
    length = time.monotonic() - begun
    assert expected.returncode == 0, expected.stderr
    output = tmp_path / "run.h5"
    checkpoint = tmp_path / "run.h5.checkpoint"
    chance = random.Random(1)
    kills = 0
    for _ in range(8):
        resume = ["--resume", checkpoint] if checkpoint.exists() else []
        every = chance.choice(["'1 h'", "500"]).strip("'")
        process = subprocess.Popen(
            [binary(), *command(output, policy, "--checkpoint-every", every, *resume)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            process.wait(timeout=length * (0.3 + 0.5 * chance.random()))
        except subprocess.TimeoutExpired:
            process.kill()
            kills += 1
        assert process.wait() in (0, -9), process.stderr.read()
        if output.exists():
            break
    resume = ["--resume", checkpoint] if checkpoint.exists() else []
    if not output.exists():
        result = run(*command(output, policy, "--json", *resume))
        assert result.returncode == 0, result.stderr
        assert result.stdout == expected.stdout
    assert kills > 0
    assert output.read_bytes() == whole.read_bytes()
    left = {path.name for path in tmp_path.iterdir()}
    assert left - {"run.h5.checkpoint.partial"} == {"whole.h5", "run.h5"}


def test_messages(tmp_path):
    output = tmp_path / "run.h5"
    checkpoint = tmp_path / "run.h5.checkpoint"

    def attempt(*more):
        result = run(*command(output, "none", *more))
        assert result.stdout == ""
        return result.returncode, result.stderr

    status, message = attempt("--resume", checkpoint)
    assert status == 66 and "run.h5.checkpoint" in message
    checkpoint.write_bytes(b"something else")
    status, message = attempt("--resume", checkpoint)
    assert (status, message) == (65, f"{checkpoint}: is no checkpoint of Foreshadow\n")
    status, message = attempt("--checkpoint-every", "often")
    assert status == 64 and "number of events" in message
    # A checkpoint that is there is not overwritten by chance.
    result = run(
        "run", SCENARIO, "--output", output, "--policy", "none", "--checkpoint-every", "1 h")
    assert result.returncode == 74 and "--resume" in result.stderr
    assert checkpoint.read_bytes() == b"something else"
    assert not output.exists()
