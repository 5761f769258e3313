#!/usr/bin/env bash
# A compressed DICOM picture that dcmjs reads and writes without a change, as an anonymiser or a web viewer does.
#
# Versions: npm's dcmjs 0.51.1, pydicom 3.0.2, Pillow 13.0.0.
# Behaviour: the stream of one frame may lie in several fragments, and the table of offsets before them may be empty (PS3.5,
# A.4); scanners write large frames so. dcmjs takes each fragment for a frame: it writes a table with as many offsets as there
# were fragments, though the file says one frame. Readers that go by the table find as many frames, each of which is a piece of
# a stream: pydicom, which reads the original, cannot decode what dcmjs made of it. Neither reading nor writing raises anything.
# A frame in one fragment is written right.
# Seen: 1 frame in 1 fragment: 1 offset, the same pixels
#       1 frame in 3 fragments: 3 offsets, its pixels cannot be decoded any more
# Exit code 0 while both are so. Needs node with npm, python3 with venv.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check pydicom==3.0.2 pillow==13.0.0 numpy
npm install --silent --no-fund --no-audit dcmjs@0.51.1

cat >copy.cjs <<'JS'
const fs = require("fs");
const { data } = require("dcmjs");
const bytes = fs.readFileSync("original.dcm");
const read = data.DicomMessage.readFile(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
fs.writeFileSync("copy.dcm", Buffer.from(read.write()));
JS

cat >ask.py <<'PYTHON'
import io
import subprocess

import numpy as np
import pydicom
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate, parse_basic_offsets
from pydicom.uid import JPEGBaseline8Bit, SecondaryCaptureImageStorage, generate_uid

jpeg = io.BytesIO()
noise = np.random.default_rng(1).integers(0, 256, (128, 128), np.uint8)
Image.fromarray(noise).save(jpeg, "JPEG", quality=90)


def write(fragments):
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.Rows, image.Columns, image.PixelRepresentation = *noise.shape, 0
    image.BitsAllocated, image.BitsStored, image.HighBit = 8, 8, 7
    image.NumberOfFrames = 1
    image.PixelData = encapsulate([jpeg.getvalue()], fragments_per_frame=fragments, has_bot=False)
    image["PixelData"].is_undefined_length = True
    image.save_as("original.dcm", enforce_file_format=True)


for fragments in (1, 3):
    write(fragments)
    subprocess.run(["node", "copy.cjs"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    original, copy = pydicom.dcmread("original.dcm"), pydicom.dcmread("copy.dcm")
    offsets = len(parse_basic_offsets(copy.PixelData))
    try:
        told = "the same pixels" if (original.pixel_array == copy.pixel_array).all() else "other pixels"
    except Exception as error:
        told = "its pixels cannot be decoded any more"
        assert original.pixel_array.shape == noise.shape
    print(f"1 frame in {fragments} fragments: {offsets} offsets, {told}; NumberOfFrames is {copy.NumberOfFrames}")
    assert copy.NumberOfFrames == 1 and offsets == fragments
    assert told == ("the same pixels" if fragments == 1 else "its pixels cannot be decoded any more")
PYTHON
python/bin/python ask.py 2>/dev/null
