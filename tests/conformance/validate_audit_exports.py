"""Reads an export of the ledger as an outside program would, and says how many entries it holds.

    validate_audit_exports.py fhir FILE     each line is a FHIR R4 AuditEvent (fhir.resources, HL7's own definitions)
    validate_audit_exports.py dicom FILE    each line is an audit message of DICOM PS3.15 A.5 (audit_message.rng)

Exit code 1 and the reason for the first line that is not.
"""
import json
import pathlib
import sys

# HL7's required value sets of AuditEvent, which the classes of fhir.resources don't check.
ACTIONS = {"C", "R", "U", "D", "E"}
OUTCOMES = {"0", "4", "8", "12"}


def read_fhir(line):
    from fhir.resources import __fhir_version__
    from fhir.resources.auditevent import AuditEvent

    assert __fhir_version__ == "4.0.1", __fhir_version__
    event = AuditEvent.parse_raw(line)
    assert event.action in ACTIONS and event.outcome in OUTCOMES, line
    # What is read and written again says the same: nothing was dropped as unknown.
    assert json.loads(event.json()).keys() == json.loads(line).keys(), line


def dicom_reader():
    from lxml import etree

    schema = etree.RelaxNG(etree.parse(pathlib.Path(__file__).with_name("audit_message.rng")))

    def read(line):
        document = etree.fromstring(line.encode())
        schema.assertValid(document)

    return read


def main(form, file):
    read = {"fhir": lambda: read_fhir, "dicom": dicom_reader}[form]()
    count = 0
    with open(file, encoding="utf-8", newline="\n") as lines:
        for line in lines:
            try:
                read(line.rstrip("\n"))
            except Exception as error:  # whatever it is, it is the answer
                sys.exit(f"line {count + 1}: {error}\n{line}")
            count += 1
    print(count)


main(*sys.argv[1:])
