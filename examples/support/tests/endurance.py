#!/usr/bin/env python3
"""Watches an example system for some minutes, with a browser on its page: memory of its processes, then its own report.

  examples/support/tests/endurance.py MINUTES COMMAND...

COMMAND is a demonstration that prints its page's address and ends on Ctrl-C, such as
  build/examples/smart_camera/smart_camera demo vtest.avi --live --loop --fps 25 --port 0

Prints the resident memory of every process twice a minute. Fails when that of all of them together, in the last fifth of
the time, is over 5% above that of the second fifth, or when the demonstration fails. Needs chromium-headless-shell, which
cmake/setup.sh tests installs.
"""

import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

MOST_GROWTH = 1.05


def processes_of(root):
    """The process and all that it started, as {pid: (name, resident MB)}."""
    children = {}
    found = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as file:
                name, rest = re.match(r"\d+ \((.*)\) (.*)", file.read(), re.S).groups()
        except (OSError, AttributeError):
            continue  # it ended meanwhile
        fields = rest.split()
        children.setdefault(int(fields[1]), []).append(int(entry))
        found[int(entry)] = (name, int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 2**20)
    result = {}
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        if pid in found:
            result[pid] = found[pid]
            waiting += children.get(pid, [])
    return result


def follow(output, lines, addresses):
    for line in output:
        lines.append(line)
        address = re.search(r"http://127\.0\.0\.1:\d+/", line)
        if address:
            addresses.append(address.group())


def main():
    if len(sys.argv) < 3 or sys.argv[1] in ("-h", "--help"):
        print(__doc__.strip())
        return 0 if len(sys.argv) > 1 and sys.argv[1] in ("-h", "--help") else 2
    minutes = float(sys.argv[1])
    system = subprocess.Popen(sys.argv[2:], stdout=subprocess.PIPE, text=True)
    lines, addresses = [], []
    reader = threading.Thread(target=follow, args=(system.stdout, lines, addresses), daemon=True)
    reader.start()
    browser = None
    samples = []
    try:
        while not addresses and system.poll() is None:
            time.sleep(0.1)
        if system.poll() is not None:
            print("".join(lines), end="")
            print(f"endurance: it ended with code {system.returncode}", file=sys.stderr)
            return 1
        with tempfile.TemporaryDirectory() as profile:
            browser = subprocess.Popen(
                ["chromium-headless-shell", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0",
                 f"--user-data-dir={profile}", addresses[0]],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
            begun = time.monotonic()
            while time.monotonic() < begun + 60 * minutes and system.poll() is None:
                time.sleep(min(30, 6 * minutes))
                each = processes_of(system.pid)
                samples.append(sum(size for _, size in each.values()))
                text = ", ".join(f"{name} {pid} {size:.0f}" for pid, (name, size) in sorted(each.items()))
                print(f"{time.monotonic() - begun:5.0f} s  {samples[-1]:6.0f} MB: {text}", flush=True)
            os.killpg(browser.pid, signal.SIGKILL)
            browser.wait()
            browser = None
    finally:
        if browser:
            os.killpg(browser.pid, signal.SIGKILL)
        if system.poll() is None:
            system.send_signal(signal.SIGINT)
        code = system.wait()
    reader.join()
    print("".join(lines[-40:]), end="")
    fifth = max(1, len(samples) // 5)
    early, late = statistics.median(samples[fifth:2 * fifth] or samples), statistics.median(samples[-fifth:])
    print(f"memory: {early:.0f} MB in the second fifth, {late:.0f} MB in the last ({100 * (late / early - 1):+.1f}%)")
    return 0 if code == 0 and late <= MOST_GROWTH * early else 1


if __name__ == "__main__":
    sys.exit(main())
