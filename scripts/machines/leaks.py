"""Whether a process grows: memory, descriptors and threads over time."""

import os
import pathlib
import threading
import time

INTERVAL_S = 2
# The begin is not counted: caches, pools and statements fill.
WARM_UP = 0.3
# How much a straight line through the samples may rise from its begin to its end.
MOST = {"memory in MB": 48, "descriptors": 32, "threads": 4}


def sample(pid):
    status = dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
    return {"memory in MB": int(status["VmRSS"].split()[0]) / 1024, "descriptors": len(os.listdir(f"/proc/{pid}/fd")),
            "threads": int(status["Threads"])}


def rise(points):
    """By how much the line of least squares through the points rises over their time."""
    count = len(points)
    mean_time, mean = sum(at for at, _ in points) / count, sum(value for _, value in points) / count
    spread = sum((at - mean_time) ** 2 for at, _ in points)
    slope = sum((at - mean_time) * (value - mean) for at, value in points) / spread
    return slope * (points[-1][0] - points[0][0]), mean


class Watch:
    """Samples processes by name until it ends."""

    def __init__(self, pids):
        self.pids, self.samples, self.ended = pids, {name: [] for name in pids}, threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.ended.wait(INTERVAL_S):
            for name, pid in self.pids.items():
                self.samples[name].append((time.monotonic(), sample(pid)))

    def end(self):
        self.ended.set()
        self.thread.join()

    def judged(self):
        """Lines of what was measured, and the faults."""
        told, faults = [], []
        for name, samples in self.samples.items():
            kept = samples[int(len(samples) * WARM_UP):]
            for what, most in MOST.items():
                grown, mean = rise([(at, values[what]) for at, values in kept])
                told.append(f"{name}: {what} {mean:.0f}, rise {grown:+.1f} in {kept[-1][0] - kept[0][0]:.0f} s")
                if grown > most:
                    faults.append(f"{told[-1]}; at most {most}")
        return told, faults
