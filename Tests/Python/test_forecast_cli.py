# SPDX-License-Identifier: Apache-2.0
"""`foreshadow evaluate`: published figures of reference methods, and what it says of bad input."""
import json
import os
import pathlib
import subprocess

import pytest

from test_schema import ROOT, binary, run

SHARED = pathlib.Path(os.environ.get("FORESHADOW_SHARED", ROOT.parent / "shared"))
DATA = SHARED / "data" / "planetlab"
REFERENCE = SHARED / "oracles" / "forecast" / "forecast_reference.json"
needs_shared = pytest.mark.skipif(not REFERENCE.exists(), reason="skipped: no shared data")

# The reference stores forecasts as 32-bit floats; a value on an interval's end falls either way.
TOLERANCE = 0.01
PUBLISHED = {"naive": "naive+emp", "ses": "ses+emp"}


@needs_shared
def test_evaluate_gives_published_figures():
    result = run(
        "evaluate", "--data", DATA / "20110303.csv", "--sample", DATA / "sample100_20110303.txt",
        "--train", "192", "--horizons", "1,12", "--origins", "192:276:1", "--models",
        ",".join(PUBLISHED), "--json")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert (report["seriesCount"], report["originCount"]) == (100, 85)
    reference = json.loads(REFERENCE.read_text())["planetlab"]
    assert [(s["model"], s["horizon"]) for s in report["scores"]] == [
        (m, h) for m in PUBLISHED for h in (1, 12)]
    for score in report["scores"]:
        expected = reference[PUBLISHED[score["model"]]][f"h{score['horizon']}"]
        for key, value in expected.items():
            if isinstance(value, float):
                # The bias is the small difference of large errors.
                scale = score["MAE"] if key == "bias" else value
                assert abs(score[key] - value) <= TOLERANCE * abs(scale), (score["model"], key)
            elif isinstance(value, dict):
                assert score[key]["events"] == value["events"], key


@pytest.fixture
def series(tmp_path):
    path = tmp_path / "series.csv"
    rows = [[10 + (3 * s + i * i) % 17 for i in range(40)] for s in range(3)]
    path.write_text("".join(f"vm {s}," + ",".join(map(str, r)) + "\n" for s, r in enumerate(rows)))
    return path


PLAN = ["--train", "20", "--horizons", "1,3", "--origins", "20:36:2"]


def test_evaluate_table_and_determinism(series):
    first = run("evaluate", "--data", series, *PLAN, "--models", "default,naive,ses")
    assert first.returncode == 0, first.stderr
    assert "h = 3" in first.stdout and "onsetP95 R/P at 0.99" in first.stdout
    again = run("evaluate", "--data", series, *PLAN, "--models", "default,naive,ses")
    assert again.stdout == first.stdout


def test_a_model_that_cannot_be_trained_is_named(series):
    result = run("evaluate", "--data", series, *PLAN, "--models", "trees", "--json")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert [s["model"] for s in report["standIns"]] == ["trees"]
    assert "two days" in report["standIns"][0]["reason"]
    assert report["scores"][0]["MAE"] is not None


@pytest.mark.parametrize(
    "arguments, status, message",
    [
        (["--models", "see"], 64, 'did you mean "ses"?'),
        (["--models", "ses,ses"], 64, "twice"),
        (["--horizons", "3,1"], 64, "ascending"),
        (["--origins", "20:36"], 64, "origins"),
        (["--train", "30"], 65, "series.csv: origins: the first one, 20, is before the end"),
        (["--origins", "39:40:1"], 65, "no origin has all its values"),
        (["--data", "nowhere.csv"], 66, "nowhere.csv"),
        (["--data", "bad.csv"], 65, "bad.csv:2: column 3: expected a number"),
        (["--data", "short.csv"], 65, "short.csv:2: b: expected 2 values"),
        (["--sample", "names.txt"], 65, 'names.txt:1: vm1: no series of this name in the data; '
                                        'did you mean "vm 1"?'),
    ],
)
def test_evaluate_bad_input(series, arguments, status, message):
    folder = series.parent
    (folder / "bad.csv").write_text("a,1,2\nb,1,x\n")
    (folder / "short.csv").write_text("a,1,2\nb,1\n")
    (folder / "names.txt").write_text("vm1\n")
    # Later options win, so each case changes one of a good command.
    command = [binary(), "evaluate", "--data", "series.csv", *PLAN, *arguments]
    result = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert result.returncode == status, result.stderr
    assert message in result.stderr
    assert result.stdout == ""
