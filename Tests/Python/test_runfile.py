# SPDX-License-Identifier: Apache-2.0
"""A run file opens as it is in h5py and in xarray, with names, units and a time axis."""
import h5py
import numpy as np
import pytest
import xarray as xr

# Axes of every variable by group; a variable not named has the axes under "*".
AXES = {
    "hosts": {"time": ("time",), "host": ("host",), "*": ("time", "host")},
    "racks": {"time": ("time",), "rack": ("rack",), "*": ("time", "rack")},
    "vms": {"time": ("time",), "vm": ("vm",), "*": ("time", "vm")},
    "forecasts": {
        "issue": ("issue",),
        "horizon": ("horizon",),
        "vm": ("vm",),
        "*": ("issue", "horizon", "vm"),
    },
    "events": {"*": ("event",)},
    "summary": {"*": ()},
    "provenance": {"*": ()},
}
TIME_AXES = {"hosts": "time", "racks": "time", "vms": "time", "forecasts": "issue"}
NAMED_WITHOUT_UNITS = {"host", "rack", "vm", "state", "kind", "detail", "shadow", "commandId"}


def opened_groups(path):
    with h5py.File(path) as file:
        return sorted(file.keys())


def test_h5py_finds_every_group_and_a_scale_on_every_axis(run_file):
    with h5py.File(run_file) as file:
        assert file.attrs["Conventions"] == "CF-1.12"
        assert file.attrs["schemaVersion"] == 1
        assert {"hosts", "racks", "events", "summary", "provenance"} <= set(file) <= set(AXES)
        for group in file:
            for name, dataset in file[group].items():
                for axis in dataset.dims:
                    is_scale = dataset.attrs.get("CLASS") == b"DIMENSION_SCALE"
                    assert is_scale or len(axis) == 1, f"{group}/{name} has an unnamed axis"


def test_h5py_reads_texts_and_compressed_numbers(run_file):
    with h5py.File(run_file) as file:
        assert "version:" in file["provenance/scenario"].asstr()[()]
        power = file["racks/powerWatts"]
        assert power.compression == "gzip" and power.shuffle and power.dtype == np.float32
        assert np.isfinite(power[:]).all() and (power[:] >= 0).all()
        assert all(isinstance(kind, str) and kind for kind in file["events/kind"].asstr()[:])


def test_groups_open_with_named_axes_and_units(run_file, engine):
    for group in opened_groups(run_file):
        with xr.open_dataset(run_file, group=group, engine=engine) as data:
            assert not [name for name in data.sizes if "phony" in str(name)]
            for name, variable in data.variables.items():
                axes = AXES[group].get(name, AXES[group]["*"])
                assert variable.dims == axes, f"{group}/{name}"
                if group != "provenance" and name not in NAMED_WITHOUT_UNITS:
                    units = variable.attrs.get("units") or variable.encoding.get("units")
                    assert units, f"{group}/{name} has no units"
                if group != "provenance":
                    assert variable.attrs.get("long_name"), f"{group}/{name} has no long_name"
            if group in TIME_AXES:
                times = data[TIME_AXES[group]].values
                assert np.issubdtype(times.dtype, np.datetime64)
                assert (np.diff(times) > np.timedelta64(0)).all()


def test_events_have_calendar_times_and_text_kinds(run_file, engine):
    with xr.open_dataset(run_file, group="events", engine=engine) as events:
        assert np.issubdtype(events["time"].dtype, np.datetime64)
        table = events.to_dataframe()
        assert (table["time"].diff().dropna().dt.total_seconds() >= 0).all()
        kind = table["kind"].iloc[0]
        assert 1 <= len(table.query("kind == @kind")) <= len(table)


def test_the_whole_file_opens_as_a_tree(run_file, engine):
    with xr.open_datatree(run_file, engine=engine) as run:
        assert sorted(run.children) == opened_groups(run_file)
        total = run["racks"].powerWatts.sum("rack")
        assert total.dims == ("time",)
        assert np.issubdtype(total["time"].dtype, np.datetime64)
        # A root axis would be handed down and multiply the event log by its length.
        events = run["events"].to_dataset()
        assert len(events.to_dataframe()) == events.sizes["event"]


def test_both_engines_read_the_same(run_file):
    for group in opened_groups(run_file):
        with (
            xr.open_dataset(run_file, group=group, engine="h5netcdf") as one,
            xr.open_dataset(run_file, group=group, engine="netcdf4") as other,
        ):
            xr.testing.assert_equal(one.load(), other.load())


def test_the_sample_has_the_values_that_were_written(sample_file, engine):
    """The values of SampleRun in RunFileTests.swift."""
    with xr.open_datatree(sample_file, engine=engine) as run:
        assert list(run["vms"].vm.values) == ["web-0", "datenbank-ä"]
        expected = np.arange(1, 7) * np.timedelta64(300, "s") + np.datetime64("2011-03-03")
        assert (run["hosts"].time.values == expected).all()
        load = run["vms"].offeredCores.sel(vm="datenbank-ä")
        assert list(load.values) == [20, 21, 22, 23, 24, 25]
        assert run["vms"].degradedSeconds.attrs["cell_methods"] == "time: sum"
        hourly = run["forecasts"]["mean"].sel(horizon=3600, vm="web-0")
        assert np.isnan(hourly.values[1::2]).all() and list(hourly.values[::2]) == [0, 2, 4]
        events = run["events"].to_dataset().to_dataframe()
        ready = events.query("kind == 'shadowOrdered'")
        assert len(ready) == 1 and ready["vm"].iloc[0] == "web-0"
        assert events["time"].iloc[1].isoformat() == "2011-03-03T00:01:01.500000001"
        assert run["summary"].energyItJoules.item() == 3.6e9
        assert run["summary"].energyItJoules.attrs["units"] == "J"
        assert run["provenance"].seed.item() == 2**64 - 1


@pytest.mark.parametrize("field", ["scenario", "resolvedScenario", "policy", "version", "command"])
def test_the_provenance_is_text(run_file, engine, field):
    with xr.open_dataset(run_file, group="provenance", engine=engine) as data:
        assert isinstance(data[field].item(), str) and data[field].item()
