"""Says in JSON what highdicom reads out of the DICOM files of a folder: reports, maps and images.

Usage: read_with_highdicom.py FOLDER
"""

import json
import sys
from pathlib import Path

import highdicom
import numpy
import pydicom


def place(group) -> dict:
    """Centre in patient coordinates (mm, LPS), extent along x and diameter as measured; None where not told."""
    found = {"centre": None, "extent": None, "diameter": None}
    for item in group[0].ContentSequence:
        if item.ValueType == "SCOORD3D":
            points = numpy.array(item.GraphicData, dtype="float64").reshape(-1, 3)
            found["centre"] = points.mean(axis=0).tolist()
            found["extent"] = float(numpy.ptp(points[:, 0]))
        elif item.ValueType == "NUM":
            found["diameter"] = float(item.MeasuredValueSequence[0].NumericValue)
    return found


def report(path: Path) -> dict:
    document = highdicom.sr.srread(path)
    groups = [
        group
        for find in (
            document.content.get_planar_roi_measurement_groups,
            document.content.get_volumetric_roi_measurement_groups,
            document.content.get_image_measurement_groups,
        )
        for group in find()
    ]
    evidence = [
        str(instance.ReferencedSOPInstanceUID)
        for study in document.CurrentRequestedProcedureEvidenceSequence
        for series in study.ReferencedSeriesSequence
        for instance in series.ReferencedSOPSequence
    ]
    return {
        "evidence": evidence,
        # In the order in which the reader wrote them down.
        "groups": sorted(
            (
                {
                    "tracking": str(group.tracking_identifier),
                    "tracking_uid": str(group.tracking_uid),
                    "finding": group.finding_type.value,
                    **place(group),
                }
                for group in groups
            ),
            key=lambda group: group["tracking"],
        ),
        "verifier": str(document.VerifyingObserverSequence[0].VerifyingObserverName),
    }


def image(path: Path) -> dict:
    read = highdicom.imread(path)
    if read.SOPClassUID != pydicom.uid.ParametricMapStorage:
        return {"unit": str(read.RescaleType)}
    volume = read.get_volume()
    mapping = read.SharedFunctionalGroupsSequence[0].RealWorldValueMappingSequence[0]
    return {
        "affine": volume.affine.tolist(),
        "shape": list(volume.array.shape[:3]),
        # Of each frame, in the order in which they are stored: the z of its position, and the largest value in it.
        "frames": [
            [float(frame.PlanePositionSequence[0].ImagePositionPatient[2]), float(pixels.max())]
            for frame, pixels in zip(read.PerFrameFunctionalGroupsSequence, read.pixel_array, strict=True)
        ],
        "mean": float(volume.array.mean(dtype="float64")),
        "unit": str(mapping.MeasurementUnitsCodeSequence[0].CodeValue),
    }


def main() -> None:
    said = {}
    for path in sorted(Path(sys.argv[1]).iterdir()):
        is_report = pydicom.dcmread(path, stop_before_pixels=True).Modality == "SR"
        said[path.name] = report(path) if is_report else image(path)
    json.dump(said, sys.stdout)


main()
