"""The machine that is measured on."""

import os
import platform
import subprocess
from pathlib import Path


def pin(cpus):
    """Keeps this process and all that it starts on the named processors."""
    os.sched_setaffinity(0, {int(cpu) for cpu in cpus.split(",")})


def load():
    return list(os.getloadavg())


def describe(work):
    model = next(
        (line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu": model,
        "processors": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory / 2**30, 1),
        "kernel": platform.release(),
        "file_system": file_system(work),
        "load_before": load(),
    }


def file_system(folder):
    asked = subprocess.run(["stat", "--file-system", "--format=%T", folder], capture_output=True, text=True, check=True)
    return asked.stdout.strip()


def spread(folder):
    """Has the folders in this one put apart on the disk, where the file system can.

    ext4 puts new files near their folder and skips the places of files that were deleted within minutes: without this,
    what one bench has cleaned up makes the files of the next up to half a millisecond more expensive.
    """
    subprocess.run(["chattr", "+T", folder], stderr=subprocess.DEVNULL, check=False)


def line(machine):
    return (f"{machine['cpu']}, {machine['processors']} processors, {machine['memory_gib']} GiB, "
            f"{machine['file_system']}, load {machine['load_before'][0]:.2f}")
