#!/usr/bin/env bash
# Pixels of 32 bits in dicomsdl, a fast reader of DICOM for Python.
#
# Versions: dicomsdl 0.109.4, pydicom 3.0.2.
# Behaviour: of 32-bit pixels, as radiation doses have them, it gives an array of the right shape and type uint16 without an
# error: the first half of the frame's bytes, taken for 16-bit pixels. The halves of a pixel lie beside each other, and the
# lower half of the image is not there at all. pydicom gives the stored values.
# Seen: pydicom [1, 65535, 65536, 1253986], dicomsdl [1, 0, 65535, 0] as uint16
# Exit code 0 while it is so. Needs python3 with venv.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check dicomsdl==0.109.4 pydicom==3.0.2 numpy

cat >ask.py <<'PYTHON'
import dicomsdl
import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RTDoseStorage, generate_uid


doses = np.array([[1, 65535], [65536, 1253986]], np.uint32)
image = Dataset()
image.file_meta = FileMetaDataset()
image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID = RTDoseStorage
image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = generate_uid()
image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
image.Rows, image.Columns, image.PixelRepresentation = *doses.shape, 0
image.BitsAllocated, image.BitsStored, image.HighBit = 32, 32, 31
image.add_new("PixelData", "OW", doses.tobytes())
image.save_as("image.dcm", enforce_file_format=True)

right = pydicom.dcmread("image.dcm").pixel_array
fast = dicomsdl.open("image.dcm").pixelData(0, storedvalue=True)
print(f"pydicom {right.ravel().tolist()}, dicomsdl {fast.ravel().tolist()} as {fast.dtype}")
assert (right == doses).all()
assert fast.dtype == np.uint16 and (fast.ravel() == doses.view(np.uint16).ravel()[: doses.size]).all()
PYTHON
python/bin/python ask.py
