#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A policy of Foreshadow in Python: one shadow for a VM whose load is above a threshold.

Needs nothing but Python's standard library. It orders to the nanosecond what the built-in
`reactive-shadow: { maximumShadows: 1 }` orders, so it also shows that nothing is lost on the way.
Parameters: threshold (load over capacity, 1), holdOffMinutes (low for so long, then given up, 30).
"""
import json
import sys

RETRY_NS = 5 * 60 * 10**9  # after a refusal
SHARE = 0.5  # primary and shadow take half of the load each


class VM:
    """What is known of one VM, and of its shadow: ordered -> ready -> shifting -> active."""

    def __init__(self, about):
        self.name, self.capacity = about["name"], about["capacityCores"]
        self.load, self.wanted, self.high_at, self.retry_at = 0.0, False, 0, 0
        self.because, self.shadow = {}, None


class Policy:
    def __init__(self, hello):
        self.vms = [VM(about) for about in hello["inventory"]["vms"]]
        self.threshold = hello["parameters"].get("threshold", 1)
        self.hold_off = hello["parameters"].get("holdOffMinutes", 30) * 60 * 10**9
        self.commands, self.given, self.owner = [], 0, {}

    def answer(self, message):
        self.commands = []
        for frame in message["telemetry"]:
            for vm, load in zip(self.vms, frame["offeredCores"]):
                vm.load = vm.load if load is None else load  # null: not reported
        for outcome in message["outcomes"]:
            self.receive(outcome)
        for incident in message["incidents"]:
            if incident["type"] == "shadowLost":
                self.forget(incident["shadow"], message["timeNs"])
        if message["reason"] == "decision":
            for vm in self.vms:
                self.decide(vm, message["timeNs"])
        return {"commands": self.commands}

    def decide(self, vm, now):
        before, high = vm.wanted, vm.load > vm.capacity * self.threshold
        if high >= vm.wanted or now - vm.high_at >= self.hold_off:
            vm.wanted, vm.high_at = high, now
        phase = vm.shadow["phase"] if vm.shadow else None
        if vm.wanted != before or phase != ("active" if vm.wanted else None):
            vm.because = {"forecastCores": vm.load}
            self.drive(vm, now)

    def drive(self, vm, now):
        """Orders the next step towards what is wanted."""
        shadow = vm.shadow
        if vm.wanted and shadow is None and now >= vm.retry_at:
            vm.shadow = {"id": None, "share": 0}
            self.order(vm, "ordered", command="createShadow", vm=vm.name)
        elif vm.wanted and shadow and shadow["share"] != SHARE:
            if shadow["phase"] in ("ready", "shifting", "active"):
                shadow["share"] = SHARE
                self.order(vm, "shifting", command="shiftTraffic", shadow=shadow["id"], share=SHARE)
        elif not vm.wanted and shadow and shadow["phase"] in ("shifting", "active"):
            shadow["share"] = 0
            self.order(vm, "draining", command="shiftTraffic", shadow=shadow["id"], share=0)
        elif not vm.wanted and shadow and shadow["phase"] in ("ordered", "ready"):
            self.order(vm, "gone", command="terminateShadow", shadow=shadow["id"])
            vm.shadow = None

    def order(self, owner, phase, **command):
        self.commands.append({**command, "because": owner.because})
        owner.shadow["phase"], owner.shadow["command"] = phase, self.given
        self.owner[self.given] = owner
        self.given += 1  # outcomes name commands by how many were given before

    def receive(self, outcome):
        vm, result = self.owner[outcome["command"]], outcome["result"]
        shadow = vm.shadow
        if shadow is None or shadow["command"] != outcome["command"]:
            return  # overtaken by a later order
        if result in ("accepted", "done") and "shadow" in outcome:
            shadow["id"] = outcome["shadow"]
        if result == "accepted":
            return
        after = {"done": {"ordered": "ready", "shifting": "active", "draining": "ready"},
                 "refused": {"shifting": "ready", "draining": "active"}}
        shadow["phase"] = after.get(result, {}).get(shadow["phase"])
        if result != "done":
            vm.retry_at = outcome["atNs"] + RETRY_NS
        if shadow["phase"] is None:  # never made, or broken
            vm.shadow = None
        self.drive(vm, outcome["atNs"])

    def forget(self, shadow, now):
        for vm in self.vms:
            if vm.shadow and vm.shadow["id"] == shadow:
                vm.shadow = None
                self.drive(vm, now)


def say(answer):
    print(json.dumps(answer), flush=True)


policy = Policy(json.loads(sys.stdin.readline()))
say({"protocol": 1, "answersEvents": True})
for line in sys.stdin:
    message = json.loads(line)
    if message["type"] == "bye":
        break
    say(policy.answer(message))
