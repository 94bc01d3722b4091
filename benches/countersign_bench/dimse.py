"""A C-STORE sender that costs next to nothing, so that what is measured is the receiver.

Objects are encoded before the clock starts; each association is a process that sends one object, waits for its answer
and sends the next, as every scanner does. PS3.7 chapter 9.3, PS3.8 chapter 9.3.
"""

import multiprocessing
import socket
import struct
import time

CT_IMAGE_STORAGE = b"1.2.840.10008.5.1.4.1.1.2"
EXPLICIT_LITTLE = b"1.2.840.10008.1.2.1"
OUR_PDU_BYTES_MAX = 131072
P_DATA = 0x04
PATIENCE_S = 120


def item(kind, body):
    return struct.pack(">BxH", kind, len(body)) + body


def association_request(calling, called):
    context = item(0x20, b"\x01\0\0\0" + item(0x30, CT_IMAGE_STORAGE) + item(0x40, EXPLICIT_LITTLE))
    user = item(0x50, item(0x51, struct.pack(">I", OUR_PDU_BYTES_MAX)) + item(0x52, b"1.2.826.0.1.3680043.10.543.99.0"))
    body = struct.pack(">Hxx16s16s32x", 1, called.ljust(16).encode(), calling.ljust(16).encode())
    body += item(0x10, b"1.2.840.10008.3.1.1.1") + context + user
    return struct.pack(">BxI", 1, len(body)) + body


def element(tag, value):
    value += b"\0" * (len(value) % 2)
    return struct.pack("<HHI", tag >> 16, tag & 0xFFFF, len(value)) + value


def store_command(message_id, sop_instance_uid):
    body = b"".join([
        element(0x0000_0002, CT_IMAGE_STORAGE),
        element(0x0000_0100, struct.pack("<H", 0x0001)),
        element(0x0000_0110, struct.pack("<H", message_id)),
        element(0x0000_0700, struct.pack("<H", 0)),
        element(0x0000_0800, struct.pack("<H", 0)),
        element(0x0000_1000, sop_instance_uid.encode()),
    ])
    return element(0x0000_0000, struct.pack("<I", len(body))) + body


def message(command, data_set, pdu_bytes_max):
    """The PDUs of a message, as one run of bytes."""
    piece = pdu_bytes_max - 6
    pdus = []
    for flag, content in ((1, command), (0, data_set)):
        for start in range(0, len(content), piece):
            part = content[start : start + piece]
            last = 2 if start + piece >= len(content) else 0
            pdus.append(struct.pack(">BxIIBB", P_DATA, len(part) + 6, len(part) + 2, 1, flag | last))
            pdus.append(part)
    return b"".join(pdus)


class Association:
    def __init__(self, port, called, calling="BENCHSCU"):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(association_request(calling, called))
        kind, body = self.read()
        if kind != 2:
            raise SystemExit(f"the association was answered with a PDU of type {kind}")
        self.pdu_bytes_max = accepted_pdu_bytes_max(body)

    def read(self):
        kind, length = struct.unpack(">BxI", self.exactly(6))
        return kind, self.exactly(length)

    def exactly(self, count):
        got = bytearray()
        while len(got) < count:
            # dcmtk sends an answer in two pieces; were the first not acknowledged at once, the second would come 40 ms
            # later wherever Nagle's algorithm is on. The kernel forgets it, so it is said again each time.
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            part = self.socket.recv(count - len(got))
            if not part:
                raise SystemExit("the receiver closed the connection")
            got += part
        return bytes(got)

    def store(self, encoded):
        """Sends a message and waits for its status."""
        self.socket.sendall(encoded)
        kind, body = self.read()
        if kind != P_DATA:
            raise SystemExit(f"an object was answered with a PDU of type {kind}")
        return status_of(body[6:])

    def release(self):
        self.socket.sendall(struct.pack(">BxII", 5, 4, 0))
        self.read()
        self.socket.close()


def accepted_pdu_bytes_max(body):
    at = 68
    while at < len(body):
        kind, length = struct.unpack_from(">BxH", body, at)
        if kind == 0x20 | 1 and body[at + 6] != 0:
            raise SystemExit("the receiver doesn't take CT images, Explicit VR Little Endian")
        if kind == 0x50:
            inner = at + 4
            while inner < at + 4 + length:
                sub, size = struct.unpack_from(">BxH", body, inner)
                if sub == 0x51:
                    asked = struct.unpack_from(">I", body, inner + 4)[0]
                    return min(asked or OUR_PDU_BYTES_MAX, OUR_PDU_BYTES_MAX)
                inner += 4 + size
        at += 4 + length
    return 16384


def status_of(command):
    at = 0
    while at < len(command):
        group, number, length = struct.unpack_from("<HHI", command, at)
        if (group, number) == (0, 0x0900):
            return struct.unpack_from("<H", command, at + 8)[0]
        at += 8 + length
    raise SystemExit("an answer has no status")


def send_all(port, called, objects, associations):
    """Sends `objects`, pairs of (SOP Instance UID, data set), split over associations.

    Gives (seconds from the first byte to the last answer, seconds of each answer).
    """
    fork = multiprocessing.get_context("fork")
    barrier, answers = fork.Barrier(associations), fork.SimpleQueue()
    shares = [objects[len(objects) * n // associations : len(objects) * (n + 1) // associations]
              for n in range(associations)]

    def send(share):
        association = Association(port, called)
        encoded = [message(store_command(number % 65535 + 1, uid), data_set, association.pdu_bytes_max)
                   for number, (uid, data_set) in enumerate(share)]
        barrier.wait(PATIENCE_S)
        times = [time.monotonic()]
        refused = 0
        for one in encoded:
            refused += association.store(one) != 0
            times.append(time.monotonic())
        association.release()
        answers.put((times, refused))

    processes = [fork.Process(target=send, args=(share,), daemon=True) for share in shares]
    for process in processes:
        process.start()
    for process in processes:
        process.join(600)
    if any(process.exitcode != 0 for process in processes):
        raise SystemExit("a sender failed")
    told = [answers.get() for _ in processes]
    if any(refused for _, refused in told):
        raise SystemExit(f"{sum(refused for _, refused in told)} objects were not stored")
    first, last = min(times[0] for times, _ in told), max(times[-1] for times, _ in told)
    waits = [b - a for times, _ in told for a, b in zip(times, times[1:])]
    return last - first, waits
