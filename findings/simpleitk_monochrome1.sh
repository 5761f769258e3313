#!/usr/bin/env bash
# DICOM pictures in which low values are bright (MONOCHROME1), read by SimpleITK and by pydicom.
#
# Versions: SimpleITK 2.5.7, pydicom 3.0.2.
# Behaviour: SimpleITK turns the stored values round as it reads them: v becomes 2^BitsStored - 1 - v, or -1 - v where they are
# signed, and only then slope and intercept are applied. The image's own "0028|0004" goes on to say MONOCHROME1, so that a
# pipeline which turns such images round, as the standard asks of a display, turns them twice; and a CT value of 100 HU in a
# MONOCHROME1 series becomes -1125 with an intercept of -1024. Signed values of 12 bits are refused with a text about the
# library's own logic; of 8, 15 and 16 bits they are not. pydicom gives the values as they are stored.
# Seen: 12 bits, unsigned: pydicom [0, 1, 100, 4095], SimpleITK [4095, 4094, 3995, 0], MONOCHROME1
#       16 bits, signed, slope 1, intercept -1024: pydicom [0, 1, 100, -100], SimpleITK [-1025, -1026, -1125, -925]
#       12 bits, signed: SimpleITK raises "An invalid logic behavior occurred"
# Exit code 0 while all of it is so. Needs python3 with venv.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check SimpleITK==2.5.7 pydicom==3.0.2 numpy

cat >ask.py <<'PYTHON'
import numpy as np
import pydicom
import SimpleITK
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid


def write(values, stored, rescale=()):
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID = CTImageStorage
    image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    image.Modality, image.SamplesPerPixel, image.PhotometricInterpretation = "CT", 1, "MONOCHROME1"
    image.Rows, image.Columns = values.shape
    image.BitsAllocated, image.BitsStored, image.HighBit = 16, stored, stored - 1
    image.PixelRepresentation = int(values.dtype == np.int16)
    if rescale:
        image.RescaleSlope, image.RescaleIntercept = rescale
    image.add_new("PixelData", "OW", values.tobytes())
    image.save_as("image.dcm", enforce_file_format=True)


def read():
    """The values of pydicom and SimpleITK, and what SimpleITK says that they mean."""
    reader = SimpleITK.ImageFileReader()
    reader.SetFileName("image.dcm")
    reader.ReadImageInformation()
    values = SimpleITK.GetArrayFromImage(reader.Execute()).ravel().tolist()
    return pydicom.dcmread("image.dcm").pixel_array.ravel().tolist(), values, reader.GetMetaData("0028|0004").strip()


write(np.array([[0, 1], [100, 4095]], np.uint16), 12)
stored, itk, meaning = read()
print(f"12 bits, unsigned: pydicom {stored}, SimpleITK {itk}, {meaning}")
assert stored == [0, 1, 100, 4095] and itk == [4095, 4094, 3995, 0] and meaning == "MONOCHROME1"

signed = np.array([[0, 1], [100, -100]], np.int16)
write(signed, 16, (1, -1024))
stored, itk, meaning = read()
print(f"16 bits, signed, slope 1, intercept -1024: pydicom {stored}, SimpleITK {itk}")
assert stored == [0, 1, 100, -100] and itk == [-1025, -1026, -1125, -925] and meaning == "MONOCHROME1"

write(signed, 12)
try:
    raise SystemExit(f"12 bits, signed: {read()}")
except RuntimeError as error:
    assert "An invalid logic behavior occurred" in str(error), error
    print("12 bits, signed: SimpleITK raises", str(error).splitlines()[-1])
PYTHON
python/bin/python ask.py
