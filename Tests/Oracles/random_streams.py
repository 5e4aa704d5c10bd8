#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The keys and draws of RandomStream, from its documentation alone; prints what the tests of
SimulationKernel compare with. Run: python3 Tests/Oracles/random_streams.py"""
import heapq

MASK = (1 << 64) - 1


def split_mix(state):
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def fnv1a(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return value


class Stream:
    def __init__(self, seed, purpose, entity=0):
        def mix(value):
            return next(split_mix(value))
        words = split_mix(mix(mix(mix(seed) ^ fnv1a(purpose)) ^ entity))
        self.s = [next(words) for _ in range(4)]

    def next(self):
        def rotate(x, k):
            return ((x << k) | (x >> (64 - k))) & MASK
        s = self.s
        result = (rotate((s[0] + s[3]) & MASK, 23) + s[0]) & MASK
        shifted = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= shifted
        s[3] = rotate(s[3], 45)
        return result

    def uniform(self):
        return (self.next() >> 11) / (1 << 53)

    def integer(self, bound):
        rest = (1 << 64) % bound
        while True:
            product = self.next() * bound
            if product & MASK >= rest:
                return product >> 64


def walk(seed, steps):
    """RandomWalkModel of CheckpointTests.swift on a heapq list."""
    stream, queue, handles, log = Stream(seed, "walk"), [], [], []
    pending, issued = set(), 0

    def schedule(time, priority, event):
        nonlocal issued
        heapq.heappush(queue, (time, priority, issued, event))
        pending.add(issued)
        issued += 1
        return issued - 1

    for number in range(5):
        schedule(0, 0, number)
    for _ in range(steps):
        while queue and queue[0][2] not in pending:
            heapq.heappop(queue)
        if not queue:
            break
        now, _, sequence, event = heapq.heappop(queue)
        pending.remove(sequence)
        log.append(now)
        if event is None:
            continue
        log.append(event)
        for _ in range(stream.integer(3) + (1 if len(pending) < 20 else 0)):
            delay = stream.integer(4)
            priority = stream.integer(3) - 1
            what = None if stream.uniform() < 0.2 else stream.integer(1000)
            handles.append(schedule(now + delay, priority, what))
        if len(pending) > 50 or stream.uniform() < 0.2:
            victim = handles[stream.integer(len(handles))]
            log.append(1 if victim in pending else 0)
            pending.discard(victim)
        if len(handles) > 60:
            del handles[:30]
    return log


if __name__ == "__main__":
    stream = Stream(42, "arrivals", 7)
    print("seed 42, arrivals, 7:", stream.next(), stream.next())
    print("seed 42, arrivals, 0:", Stream(42, "arrivals").next())
    log = walk(1, 20000)
    print("walk, seed 1, 20000 steps: entries", len(log), "hash", fnv1a(",".join(map(str, log))))
