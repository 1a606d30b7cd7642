"""Time and memory of commands, and the machine that they ran on. Used by scripts/bench.py.

CPU is user + system of a command and all that it started. Memory is of the one process: `rss_mb` is the peak
of all pages in memory, mapped packs among them; `anon_mb` is the peak of anonymous pages alone (`RssAnon` of
/proc/PID/status, looked at every 10 ms, so a shorter peak can be missed), on Linux only.
"""

import os
import pathlib
import platform
import re
import resource
import statistics
import subprocess
import sys
import threading
import time


def children():
    """CPU seconds of all processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Anonymous(threading.Thread):
    """Watches the anonymous memory of a process until it ends; `peak` is in MB."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.status, self.peak, self.ended = f"/proc/{pid}/status", None, threading.Event()

    def run(self):
        while not self.ended.wait(0.01):
            try:
                with open(self.status) as status:
                    found = re.search(r"^RssAnon:\s+(\d+) kB", status.read(), re.MULTILINE)
            except OSError:
                return
            if found:
                self.peak = max(self.peak or 0, int(found[1]) / 1024)


def run(command, env=None):
    """Runs a command once. A failure, or a note on what it says on the standard error, ends the whole run."""
    started = time.monotonic()
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    watch = Anonymous(process.pid)
    watch.start()
    said = process.stderr.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    watch.ended.set()
    watch.join()
    if status != 0 or "note:" in said:
        sys.exit(f"{' '.join(map(str, command))} ended with {process.returncode}: {said}")
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    sample = {"cpu": usage.ru_utime + usage.ru_stime, "wall": wall, "rss_mb": usage.ru_maxrss / unit}
    return sample if watch.peak is None else {**sample, "anon_mb": watch.peak}


def medians(samples):
    """Medians of times, the greatest of the memory, and each run's CPU and wall seconds."""
    median = {key: statistics.median(sample[key] for sample in samples) for key in ("cpu", "wall")}
    for key in ("anon_mb", "rss_mb"):
        seen = [sample[key] for sample in samples if key in sample]
        if seen:
            median[key] = max(seen)
    return {**median, "runs": [[round(sample["cpu"], 3), round(sample["wall"], 3)] for sample in samples]}


def show(doing):
    """What is being done, in the last line of a terminal."""
    if sys.stderr.isatty():
        print(f"\r\033[K{doing}", end="", file=sys.stderr, flush=True)


def in_turn(tasks):
    """Runs tasks `name: (how often, function)` in turn, so that a change in the machine's load meets all."""
    samples = {name: [] for name in tasks}
    for number in range(max((often for often, _ in tasks.values()), default=0)):
        for name, (often, task) in tasks.items():
            if number < often:
                show(f"{name}, {number + 1} of {often}")
                samples[name].append(task())
    show("")
    return {name: medians(found) for name, found in samples.items()}


def machine():
    """What the machine is, as far as it says so."""
    release = ".".join(platform.release().split(".")[:2])
    found = {"system": f"{platform.system()} {release}", "architecture": platform.machine()}
    try:
        found["processor"] = re.search(r"^model name\s*:\s*(.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)[1]
        memory = re.search(r"^MemTotal:\s+(\d+) kB", pathlib.Path("/proc/meminfo").read_text(), re.M)
        found["memory_mb"] = int(memory[1]) // 1024
    except (OSError, TypeError):
        pass
    affinity = getattr(os, "sched_getaffinity", None)
    return {**found, "processors": len(affinity(0)) if affinity else os.cpu_count()}


def described(machine):
    """The machine in words."""
    parts = [machine["system"], machine.get("processor", machine["architecture"]), f"{machine['processors']} processors"]
    return ", ".join([*parts, *([f"{machine['memory_mb'] / 1024:.0f} GB"] if "memory_mb" in machine else [])])
