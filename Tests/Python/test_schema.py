# SPDX-License-Identifier: Apache-2.0
"""The JSON Schema and the program must say the same about scenario files."""
import copy
import json
import os
import pathlib
import subprocess

import jsonschema
import pytest
import ruamel.yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCENARIOS = sorted((ROOT / "Scenarios").glob("*.yaml"))


def binary():
    builds = [ROOT / ".build" / kind / "foreshadow" for kind in ("release", "debug")]
    given = os.environ.get("FORESHADOW_BINARY")
    found = [pathlib.Path(given).resolve()] if given else [path for path in builds if path.exists()]
    if not found:
        pytest.skip("the foreshadow command is not built")
    return found[0]


def run(*arguments):
    return subprocess.run([binary(), *arguments], capture_output=True, text=True, cwd=ROOT)


def load(text):
    """YAML 1.2, as editors and check-jsonschema read it."""
    return ruamel.yaml.YAML(typ="safe").load(text)


@pytest.fixture(scope="session")
def validator():
    schema = json.loads(run("schema").stdout)
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


@pytest.fixture(params=SCENARIOS, ids=lambda path: path.stem)
def scenario(request):
    return request.param


def errors(validator, document):
    return [error.message[:200] for error in validator.iter_errors(document)]


def test_scenarios_fit_the_schema(validator, scenario):
    assert errors(validator, load(scenario.read_text())) == []


def test_printed_scenarios_fit_the_schema(validator, scenario):
    shown = run("show", scenario, "--resolved")
    if shown.returncode == 66:
        pytest.skip("skipped: no shared data")
    assert shown.returncode == 0, shown.stderr
    document = load(shown.stdout)
    assert errors(validator, document) == []
    # Nothing is lost on the way: what the file says stands in the printed form under the same key.
    # Only `import` is gone, because what it names stands there in full.
    given = set(load(scenario.read_text()))
    assert given - {"import"} <= set(document)
    assert "import" not in document


@pytest.mark.parametrize(
    "text",
    [
        "seed: 1",
        "version: one",
        "version: 1\nsed: 1",
        "version: 1\nseed: -1",
        "version: 1\nseed: '5'",
        "version: 1\nduration: 24",
        "version: 1\nduration: 24 hr",
        "version: 1\nmaintenance: [{ rack: 1, from: 25:00, until: 26 h }]",
        "version: 1\nmaintenance: [{ rack: 1, from: 02:00 }]",
        "version: 1\nworkload: heavy",
        "version: 1\nworkload: { sizing: { basis: histroy } }",
        "version: 1\nrecording: { vms: many }",
        "version: 1\nrecording: { vms: { all: {}, none: {} } }",
        "version: 1\nrecording: { forecasts: 'true' }",
    ],
)
def test_both_refuse(validator, tmp_path, text):
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    assert errors(validator, load(text)) != []
    assert run("validate", file).returncode == 65


def test_every_section_refuses_unknown_keys(validator):
    """A misspelt key must not pass in any mapping that the schema describes."""

    def closed(node):
        if isinstance(node, dict):
            if "properties" in node:
                assert node.get("additionalProperties") is False, list(node["properties"])
            for value in node.values():
                closed(value)
        elif isinstance(node, list):
            for value in node:
                closed(value)

    closed(copy.deepcopy(validator.schema))
