# SPDX-License-Identifier: Apache-2.0
"""`foreshadow evaluate`, `forecast` and `train`: published figures, files that Python reads and writes,
and what is said of bad input."""
import json
import os
import pathlib
import signal
import subprocess
import time

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

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


ALARMS = ["overloads", "--train", "20", "--origins", "20:36:1", "--percentile", "80"]


def test_overloads_table_json_and_picture(series, tmp_path):
    command = [*ALARMS, "--data", series, "--predictors", "naive,ses"]
    table = run(*command, "--plot", tmp_path / "roc.svg")
    assert table.returncode == 0, table.stderr
    assert "against ses" in table.stdout and "expected calibration error" in table.stdout
    assert "true positive rate" in (tmp_path / "roc.svg").read_text()
    again = run(*command, "--plot", tmp_path / "roc.svg")
    assert again.returncode != 0 and "--force" in again.stderr
    report = json.loads(run(*command, "--json").stdout)
    values = [list(map(float, line.split(",")[1:])) for line in series.read_text().splitlines()]
    capacities = [max(2, np.percentile(row[:20], 80)) for row in values]
    onsets = sum(row[t - 1] <= c < row[t] for row, c in zip(values, capacities) for t in range(20, 37))
    assert [r["predictor"] for r in report["results"]] == ["naive", "ses"]
    for result in report["results"]:
        skill = result["onset"]
        assert skill["eventCount"] == onsets > 0
        curve = np.array([[p["falsePositiveRate"], p["truePositiveRate"]] for p in skill["curve"]])
        area = np.trapezoid(curve[:, 1], curve[:, 0])
        # The printed curve is drawn through 201 points.
        assert abs(area - skill["area"]) < 0.01


@pytest.mark.parametrize(
    "arguments, status, message",
    [
        (["--predictors", "sse"], 64, 'did you mean "ses"?'),
        (["--reference", "ar"], 64, '"ar" is not one of naive,ses'),
        (["--percentile", "101"], 64, "expected 0 … 100"),
        (["--minimum", "0"], 64, "positive"),
        (["--horizon", "0"], 64, "--horizon"),
        (["--origins", "39:60:1", "--horizon", "5"], 65, "no origin has all its values"),
    ],
)
def test_overloads_bad_input(series, arguments, status, message):
    result = run(*ALARMS, "--data", series, "--predictors", "naive,ses", *arguments)
    assert result.returncode == status, result.stderr
    assert message in result.stderr
    assert result.stdout == ""


TRACE_HEADER = "time,vm,cpu,mem,net,disk,vcpus,memory_bytes,profile\n"


@pytest.fixture(scope="session")
def trace(tmp_path_factory):
    """Three days of two VMs with a daily rhythm, and one VM that is there for three hours only."""
    path = tmp_path_factory.mktemp("trace") / "trace.csv"
    lines = [TRACE_HEADER]
    for step in range(3 * 288):
        phase = step % 288
        for number, vm in enumerate(("web-1", "web-2", "young")):
            if vm == "young" and step < 3 * 288 - 36:
                continue
            load = 0.5 + number * 0.2 + (1 if 96 <= phase < 200 else 0) + (step * 7 % 13) / 50
            lines.append(f"{step * 300},{vm},{load:.3f},{load * 2e9:.0f},{load * 1e6:.0f},"
                         f"{load * 1e5:.0f},4,8000000000,{vm[:3]}\n")
    path.write_text("".join(lines))
    return path


@pytest.mark.parametrize("metric, typical", [
    ("cpu", 1), ("memory", 2e9), ("network", 1e6), ("disk", 1e5)])
def test_forecast_of_every_metric(trace, metric, typical):
    result = run("forecast", trace, "--vm", "web-1", "--metric", metric, "--model", "ses", "--json")
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert (answer["metric"], answer["notes"], answer["knownSamples"]) == (metric, [], 864)
    assert [f["horizon"] for f in answer["forecasts"]] == [1, 12, 288]
    for forecast in answer["forecasts"]:
        values = list(forecast["quantiles"].values())
        assert values == sorted(values)
        # The load is between a third and three times what is typical of the metric.
        assert typical / 3 < values[1] < typical * 3


def test_forecast_shows_what_came(trace):
    arguments = ["forecast", trace, "--vm", "web-2", "--model", "seasonal-naive", "--ago", "100"]
    result = run(*arguments, "--horizons", "1,100,101")
    assert result.returncode == 0, result.stderr
    table = result.stdout.split("\n\n")[1].splitlines()
    assert table[0].split()[-1] == "came" and table[3].split()[-1] == "–"
    assert table[1].split()[-1] != "–"
    assert "asked for: seasonal-naive" in result.stdout


@pytest.mark.parametrize("model, answering, note", [
    ("seasonal-naive", "naive+wide", "deliberately wide"),
    ("ses", "ses+wide", "deliberately wide"),
    ("arima", "ses+wide", "deliberately wide"),
])
def test_cold_start_is_named_and_wide(tmp_path, model, answering, note):
    path = tmp_path / "cold.csv"
    path.write_text("a," + ",".join(str(10 + i % 3) for i in range(15)) + "\n")
    result = run("forecast", path, "--vm", "a", "--model", model, "--horizons", "1", "--json")
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert answer["answeringModel"] == answering
    assert note in " ".join(answer["notes"])
    quantiles = answer["forecasts"][0]["quantiles"]
    # Wider than everything that was seen (0.10 … 0.12 cores).
    assert quantiles["0.05"] < 0.1 and quantiles["0.95"] > 0.12


def test_two_seasons_are_needed_by_name(trace):
    result = run("forecast", trace, "--vm", "young", "--model", "seasonal-naive", "--json")
    answer = json.loads(result.stdout)
    assert answer["answeringModel"].startswith("naive+")
    assert "too little" in " ".join(answer["notes"]) or "cold start" in " ".join(answer["notes"])


def test_forecast_picture_is_complete_or_absent(trace, tmp_path):
    picture = tmp_path / "p.svg"
    assert run("forecast", trace, "--vm", "web-1", "--plot", picture).returncode == 0
    text = picture.read_text()
    assert text.startswith("<svg") and text.rstrip().endswith("</svg>")
    assert run("forecast", trace, "--vm", "web-1", "--plot", picture).returncode == 74
    assert run("forecast", trace, "--vm", "web-1", "--plot", picture, "--force").returncode == 0
    absent = tmp_path / "absent.svg"
    assert run("forecast", trace, "--vm", "web-9", "--plot", absent).returncode == 65
    assert not absent.exists()


@pytest.mark.parametrize(
    "arguments, status, message",
    [
        (["--vm", "web1"], 65, 'trace.csv: no VM "web1"; did you mean "web-1"?'),
        (["--model", "arma"], 64, 'did you mean "arima"?'),
        (["--metric", "cpus"], 64, "cpus"),
        (["--horizons", "0"], 64, "ascending"),
        (["--ago", "864"], 65, "at least 1 of 864 samples"),
        (["--ago=-1"], 65, "at least 1 of 864 samples"),
    ],
)
def test_forecast_bad_input(trace, arguments, status, message):
    command = [binary(), "forecast", "trace.csv", "--vm", "web-1", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, cwd=trace.parent)
    assert result.returncode == status, result.stderr
    assert message in result.stderr
    assert result.stdout == ""


def test_forecast_of_a_broken_file_names_the_line(tmp_path):
    path = tmp_path / "broken.csv"
    path.write_text("time,vm,cpu\n0,a,1\n300,a,x\n")
    result = run("forecast", path, "--vm", "a")
    assert result.returncode == 65
    assert "broken.csv:3: cpu: expected" in result.stderr


def test_forecast_of_a_metric_that_is_not_there(tmp_path):
    path = tmp_path / "cpu.csv"
    path.write_text("time,vm,cpu\n0,a,1\n300,a,2\n")
    result = run("forecast", path, "--vm", "a", "--metric", "disk")
    assert result.returncode == 65
    assert "the trace has no disk; it has cpu" in result.stderr


def header(path):
    with safe_open(path, "numpy") as file:
        return json.loads(file.metadata()["foreshadow"])


@pytest.fixture(scope="session")
def models(trace, tmp_path_factory):
    folder = tmp_path_factory.mktemp("registry") / "models"
    result = run("train", trace, "--model", "trees,lstm", "--classes", "metadata", "--output",
                 folder, "--effort", "5")
    assert result.returncode == 0, result.stderr
    assert "no model for you alone" in result.stderr
    return folder


def test_train_writes_whole_files_with_headers(models):
    names = sorted(path.name for path in models.iterdir())
    assert names == [f"cpu-{kind}{part}.safetensors" for kind in ("lstm", "trees")
                     for part in ("-web", "")]
    about = header(models / "cpu-lstm-web.safetensors")
    assert (about["kind"], about["className"], about["metric"]) == ("lstm", "web", "cpu")
    assert (about["trainedSeries"], about["trainedSamples"]) == (2, 864)
    assert about["intervalSeconds"] == 300 and about["features"] and about["scaling"]
    assert about["scores"]["h12.pinballSum"] > 0


def test_weights_are_those_of_a_torch_lstm(models):
    tensors = load_file(models / "cpu-lstm.safetensors")
    hidden = tensors["weight_hh_l0"].shape[1]
    inputs = tensors["weight_ih_l0"].shape[1]
    assert tensors["weight_ih_l0"].shape == (4 * hidden, inputs)
    assert tensors["weight_hh_l0"].shape == (4 * hidden, hidden)
    assert tensors["bias_ih_l0"].shape == tensors["bias_hh_l0"].shape == (4 * hidden,)
    torch = pytest.importorskip("torch")
    cell = torch.nn.LSTM(inputs, hidden)
    missing = cell.load_state_dict(
        {k: torch.from_numpy(v) for k, v in tensors.items() if k.endswith("_l0")})
    assert not missing.missing_keys


def median(trace, folder, *arguments):
    result = run("forecast", trace, "--vm", "web-1", "--registry", folder, "--json", *arguments)
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    return answer["answeringModel"], answer["forecasts"][0]["quantiles"]["0.5"]


def test_weights_written_by_python_are_used(models, trace, tmp_path):
    """The head's bias is in units of the series' spread: one more moves the median up."""
    model, before = median(trace, models, "--model", "lstm")
    assert model == "lstm[web]"
    for path in models.glob("cpu-lstm*"):
        with safe_open(path, "numpy") as file:
            metadata = file.metadata()
        tensors = load_file(path)
        tensors["out.bias"] = tensors["out.bias"] + np.float32(1)
        save_file(tensors, tmp_path / path.name, metadata=metadata)
    _, after = median(trace, tmp_path, "--model", "lstm")
    assert after > before + 1e-3


def test_registry_without_a_model_name_takes_what_is_there(models, trace):
    assert median(trace, models)[0] == "trees[web]"


def test_train_again_needs_force_and_leaves_no_parts(models, trace, tmp_path):
    folder = tmp_path / "again"
    arguments = ["train", trace, "--output", folder, "--effort", "2"]
    assert run(*arguments, "--classes", "metadata").returncode == 0
    refused = run(*arguments)
    assert refused.returncode == 74 and "--force" in refused.stderr
    assert run(*arguments, "--force").returncode == 0
    # The class's model of the earlier training is gone, and no temporary file is left.
    assert os.listdir(folder) == ["cpu-trees.safetensors"]


def test_interrupted_training_leaves_nothing(trace, tmp_path):
    folder = tmp_path / "interrupted"
    process = subprocess.Popen(
        [binary(), "train", trace, "--model", "lstm", "--output", folder, "--effort", "100000"],
        stderr=subprocess.PIPE)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    assert not folder.exists() or os.listdir(folder) == []


def test_a_scenario_uses_the_registry(models, tmp_path):
    scenario = tmp_path / "s.yaml"
    scenario.write_text(
        "version: 1\nname: s\nduration: 2 h\nworkload: { synthetic: { vms: 4 }, history: 1 d }\n"
        f"policies: [{{ pvms: {{ forecaster: {{ model: lstm, registry: {models} }} }} }}]\n")
    result = run("run", scenario, "--output", tmp_path / "s.h5", "--json")
    assert result.returncode == 0, result.stderr
    scenario.write_text(scenario.read_text().replace("model: lstm", "model: ses"))
    result = run("run", scenario, "--output", tmp_path / "t.h5", "--json")
    assert result.returncode == 65
    assert "models that are: trees, lstm" in result.stderr
    assert not (tmp_path / "t.h5").exists()


@pytest.mark.parametrize(
    "arguments, status, message",
    [
        (["--model", "tree"], 64, 'did you mean "trees"?'),
        (["--model", "ses"], 64, "not kept in files"),
        (["--classes", "cluster"], 64, "clusters"),
        (["--metric", "disk", "short.csv"], 65, "the trace has no disk; it has cpu"),
        (["short.csv"], 65, "expected at least 576 values (two days), found 15"),
        (["bad.csv"], 65, "bad.csv:3: cpu: expected"),
        (["--effort", "0"], 64, "--effort"),
    ],
)
def test_train_bad_input(trace, tmp_path, arguments, status, message):
    (tmp_path / "short.csv").write_text("a," + ",".join(str(i % 7) for i in range(15)) + "\n")
    (tmp_path / "bad.csv").write_text("time,vm,cpu\n0,a,1\n300,a,x\n")
    files = [] if arguments[-1].endswith(".csv") else [trace]
    command = [binary(), "train", *files, "--output", "models", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert result.returncode == status, result.stderr
    assert message in result.stderr
    assert not (tmp_path / "models").exists()
