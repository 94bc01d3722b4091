"""The demo with a data folder of its own, and studies sent to it as a scanner would."""

import json
import time
import urllib.error
import urllib.request

from . import dimse
from .api import Person
from .programs import until


class Demo:
    def __init__(self, asked, programs, work, port):
        self.data = work / "demo"
        self.dicom_port, self.address = port + 1, f"http://127.0.0.1:{port}"
        command = [asked.binary, "serve", "--demo", "--data", self.data, "--http", f"127.0.0.1:{port}",
                   "--dicom", f"127.0.0.1:{self.dicom_port}",
                   # Nothing is released here, so nobody needs to listen.
                   "--destination", f"NOBODY@127.0.0.1:{port + 2}"]
        self.program = programs.start(command, work / "demo.log")
        until("the demo is ready", self.is_ready, 60, self.program)
        accounts = json.loads((self.data / "demo-accounts.json").read_text())
        self.passwords = {account["username"]: account["password"] for account in accounts}
        self.rad1 = Person(self.address, "rad1", self.passwords["rad1"])
        # The demo's own study is denoised first; what is measured must not wait behind it.
        until("the demo's own case is there", self.has_own_case, 600, self.program)

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=5) as response:
                return response.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def has_own_case(self):
        return bool(self.rad1.ask("{ worklist(first: 1) { nodes { id } } }")["worklist"]["nodes"])

    def send(self, series):
        """Sends a series over one association; gives when its last object was answered."""
        objects = [(series.sop_instance_uid(index), series.encoded(index)) for index in range(len(series.voxels))]
        dimse.send_all(self.dicom_port, "COUNTERSIGN", objects, 1)
        return time.monotonic()

    def wait_for_case(self, series, seconds=900):
        """Gives the case's id and when it was seen in the worklist."""
        case = until("the case is in the worklist", lambda: self.case_of(series), seconds, self.program)
        return case, time.monotonic()

    def case_of(self, series):
        """The case of a series, when there is one; a server that has no time to answer is asked again."""
        try:
            return self.rad1.case_of(series.study)
        except urllib.error.HTTPError as error:
            if error.code < 500:
                raise
            return None
