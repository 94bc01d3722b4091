"""The receivers that are compared: each with a store of its own on the same disk, each with the same PDU length."""

import json

from .programs import listening, until, until_idle

PDU_BYTES_MAX = 131072
# Debian's dcmtk, which Orthanc uses too, leaves Nagle's algorithm on: each answer then waits 40 ms for an
# acknowledgement (20 objects a second). The peers are measured without that handicap.
AT_ITS_BEST = {"TCP_NODELAY": "1"}


class Storescp:
    """dcmtk's storescp: writes files, syncs nothing, keeps no index."""

    name = "storescp"
    called = "STORESCP"

    def __init__(self, programs, work, port, _binary):
        self.port = port
        folder = work / "storescp"
        folder.mkdir()
        # A process per association: without it a second one is refused.
        command = ["storescp", "--fork", "--aetitle", self.called, "--max-pdu", PDU_BYTES_MAX,
                   "--output-directory", folder, port]
        self.program = programs.start(command, work / "storescp.log", AT_ITS_BEST)
        until("storescp listens", lambda: listening(port), program=self.program)

    def rest(self):
        until_idle(self.program)


class Orthanc:
    """Orthanc with an SQLite index; its attachments are synced (`SyncStorageArea`, its default)."""

    name = "Orthanc"
    called = "ORTHANC"

    def __init__(self, programs, work, port, _binary):
        self.port = port
        folder = work / "orthanc"
        folder.mkdir()
        settings = {
            "StorageDirectory": str(folder / "storage"),
            "IndexDirectory": str(folder / "index"),
            "SyncStorageArea": True,
            "StorageCompression": False,
            "HttpServerEnabled": False,
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False,
            "DicomAet": self.called,
            "DicomPort": port,
            "DicomAlwaysAllowStore": True,
            "MaximumPduLength": PDU_BYTES_MAX,
            "Plugins": [],
        }
        (work / "orthanc.json").write_text(json.dumps(settings, indent=2))
        self.program = programs.start(["Orthanc", work / "orthanc.json"], work / "orthanc.log", AT_ITS_BEST)
        until("Orthanc listens", lambda: listening(port), program=self.program)

    def rest(self):
        until_idle(self.program)


class Countersign:
    """The whole of Countersign in one process, as `./run` starts it, without the demo's own studies and PACS."""

    name = "Countersign"
    called = "COUNTERSIGN"

    def __init__(self, programs, work, port, binary):
        self.port = port
        config = work / "countersign.toml"
        config.write_text("[telemetry]\nlog = 'warn'\n")
        command = [binary, "serve", "--config", config, "--data", work / "countersign",
                   "--http", f"127.0.0.1:{port + 1}", "--dicom", f"127.0.0.1:{port}"]
        self.program = programs.start(command, work / "countersign.log")
        until("Countersign listens", lambda: listening(port), program=self.program)

    def rest(self):
        # A series is turned into a volume when its association has been over for a second.
        until_idle(self.program, quiet_s=2.5)


RECEIVERS = [Storescp, Orthanc, Countersign]
