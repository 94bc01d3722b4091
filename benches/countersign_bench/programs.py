"""Starting programs, waiting until they answer, and ending every one of them whatever happens."""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ENDS_WITHIN_S = 30


class Programs:
    """Programs that run; none outlives the block."""

    def __init__(self):
        self.running = []

    def __enter__(self):
        # A terminated bench cleans up like an interrupted one.
        signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
        return self

    def __exit__(self, *_):
        self.stop_all()

    def start(self, command, log, environment=None):
        """Starts a program that writes what it says into `log`."""
        command = [str(part) for part in command]
        if not Path(command[0]).is_file() and shutil.which(command[0]) is None:
            raise SystemExit(f"{command[0]} is missing: see benches/README.md for what to install")
        with open(log, "ab") as said:
            # A session of its own: Ctrl-C reaches this process only, which then stops the others in order.
            program = subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                                       start_new_session=True, env=os.environ | (environment or {}))
        program.log = log
        self.running.append(program)
        return program

    def stop(self, program):
        if program.poll() is None:
            os.killpg(program.pid, signal.SIGTERM)
            try:
                program.wait(ENDS_WITHIN_S)
            except subprocess.TimeoutExpired:
                os.killpg(program.pid, signal.SIGKILL)
                program.wait()
        if program in self.running:
            self.running.remove(program)

    def stop_all(self):
        for program in list(self.running):
            self.stop(program)


def until(what, condition, seconds=60, program=None):
    """Asks until something true comes back, and gives that."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if program is not None and program.poll() is not None:
            raise SystemExit(f"{what}: the program ended: {Path(program.log).read_text()[-2000:]}")
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise SystemExit(f"{what}: not within {seconds} s")


def listening(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def cpu_seconds(program):
    """What the process, and those it has started and seen ending, have used of the processors so far."""
    fields = Path(f"/proc/{program.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def until_idle(program, quiet_s=1.0, seconds=180):
    """Waits until the process has done next to nothing for a while: what it has put off must not run into the next
    measurement."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        before = cpu_seconds(program)
        time.sleep(quiet_s)
        if cpu_seconds(program) - before < 0.05 * quiet_s:
            return
    raise SystemExit(f"process {program.pid} doesn't come to rest within {seconds} s")
