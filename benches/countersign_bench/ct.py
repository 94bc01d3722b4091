"""CT series of real anatomy: lung1, resampled along z to as many slices as are asked for."""

import gzip
import os
from io import BytesIO
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite, write_dataset
from pydicom.filebase import DicomBytesIO
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

ROOT = "1.2.826.0.1.3680043.10.543.99"


def lung1():
    """(array of (slices, rows, columns) in HU, spacing in mm (z, y, x))."""
    cache = Path(os.environ.get("COUNTERSIGN_CACHE", Path.home() / ".cache/countersign"))
    path = cache / "ct-denoise/lung1_image.nrrd"
    if not path.is_file():
        raise SystemExit(f"{path} is not there: models/ct-denoise/fetch-data fetches it")
    head, body = path.read_bytes().split(b"\n\n", 1)
    fields = dict(line.split(": ", 1) for line in head.decode().splitlines() if ": " in line)
    columns, rows, slices = map(int, fields["sizes"].split())
    assert (fields["type"], fields["endian"], fields["encoding"]) == ("short", "little", "gzip")
    voxels = np.frombuffer(gzip.decompress(body), "<i2").reshape(slices, rows, columns)
    axes = [np.array(eval_vector(axis)) for axis in fields["space directions"].split()]
    return voxels, tuple(float(np.linalg.norm(axis)) for axis in reversed(axes))


def eval_vector(text):
    return [float(part) for part in text.strip("()").split(",")]


def resampled(slices):
    """lung1 with another number of slices over the same length, linear between its own: (voxels, spacing)."""
    voxels, (dz, dy, dx) = lung1()
    at = np.linspace(0, len(voxels) - 1, slices)
    low = np.minimum(at.astype(int), len(voxels) - 2)
    result = np.empty((slices, *voxels.shape[1:]), "<i2")
    for index, (z, share) in enumerate(zip(low, at - low)):
        result[index] = np.rint(voxels[z] * (1 - share) + voxels[z + 1] * share)
    return result, (dz * (len(voxels) - 1) / (slices - 1), dy, dx)


class Series:
    """A series of a new patient; no two have a UID in common."""

    def __init__(self, number, voxels, spacing, body_part=""):
        self.voxels, self.spacing, self.body_part = voxels, spacing, body_part
        # 128 random bits stand between runs of a bench against a server that keeps its data.
        self.study = f"{ROOT}.{int.from_bytes(os.urandom(8))}.{number}"

    def sop_instance_uid(self, index):
        return f"{self.study}.1.{index + 1}"

    def data_set(self, index):
        spacing_z, spacing_y, spacing_x = self.spacing
        made = Dataset()
        made.SpecificCharacterSet = "ISO_IR 100"
        made.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        made.SOPClassUID, made.SOPInstanceUID = CTImageStorage, self.sop_instance_uid(index)
        made.StudyDate, made.StudyTime, made.AccessionNumber = "20250101", "120000", ""
        made.Modality, made.Manufacturer = "CT", "Bench"
        made.ReferringPhysicianName = ""
        made.PatientName, made.PatientID = "Bench^Lung", f"BENCH-{self.study.rsplit('.', 1)[1]}"
        made.PatientBirthDate, made.PatientSex = "", ""
        made.BodyPartExamined = self.body_part
        made.SliceThickness, made.KVP = f"{spacing_z:.6f}", "120"
        made.PatientPosition = "HFS"
        made.StudyInstanceUID, made.SeriesInstanceUID = self.study, f"{self.study}.1"
        made.StudyID, made.SeriesNumber, made.InstanceNumber = "1", "1", str(index + 1)
        made.ImagePositionPatient = ["-146", "-325", f"{index * spacing_z:.6f}"]
        made.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
        made.FrameOfReferenceUID, made.PositionReferenceIndicator = f"{self.study}.9", ""
        made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
        made.Rows, made.Columns = self.voxels.shape[1:]
        made.PixelSpacing = [f"{spacing_y:.7f}", f"{spacing_x:.7f}"]
        made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 16, 15, 1
        made.RescaleIntercept, made.RescaleSlope, made.RescaleType = "0", "1", "HU"
        made.add_new("PixelData", "OW", self.voxels[index].tobytes())
        return made

    def encoded(self, index):
        """The bytes of the data set, Explicit VR Little Endian, without a file's head."""
        buffer = DicomBytesIO()
        buffer.is_little_endian, buffer.is_implicit_VR = True, False
        write_dataset(buffer, self.data_set(index))
        return buffer.getvalue()

    def write(self, folder):
        """Writes a file per slice."""
        folder.mkdir(parents=True)
        for index in range(len(self.voxels)):
            made = self.data_set(index)
            made.file_meta = FileMetaDataset()
            made.file_meta.MediaStorageSOPClassUID = CTImageStorage
            made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
            made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
            file = BytesIO()
            dcmwrite(file, made, enforce_file_format=True)
            (folder / f"{index:04}.dcm").write_bytes(file.getvalue())
