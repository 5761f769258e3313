"""Writes the small synthetic files of tests/quality/fuzz/corpus/dicom: a picture of each kind, natively and in each compression.

    pip install numpy pydicom python-gdcm pillow && python synthetic.py FOLDER [ENCODE]

They are kept, for GDCM as an encoder is not needed otherwise.
"""

import io
import pathlib
import subprocess
import sys
import zlib

import gdcm
import numpy
import PIL.Image
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.pixels import convert_color_space


def write_native(path: pathlib.Path, pixels: numpy.ndarray, stored: int, signed: bool) -> None:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = "1.2.3.4"
    dataset.Modality = "OT"
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.SamplesPerPixel = 1 if pixels.ndim == 2 else 3
    dataset.PhotometricInterpretation = "MONOCHROME2" if pixels.ndim == 2 else "RGB"
    if pixels.ndim == 3:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = pixels.dtype.itemsize * 8
    dataset.BitsStored = stored
    dataset.HighBit = stored - 1
    dataset.PixelRepresentation = int(signed)
    dataset.PixelData = pixels.tobytes()
    dataset.save_as(path, enforce_file_format=True)


def write_enhanced(native: pathlib.Path, path: pathlib.Path) -> None:
    """Two frames of the same pixels, the second of which has a rescale slope of its own."""

    def groups(slope: int) -> Dataset:
        rescale, group = Dataset(), Dataset()
        rescale.RescaleSlope, rescale.RescaleIntercept = slope, -1
        group.PixelValueTransformationSequence = [rescale]
        return group

    dataset = pydicom.dcmread(native)
    dataset.NumberOfFrames = 2
    dataset.SharedFunctionalGroupsSequence = [groups(2)]
    dataset.PerFrameFunctionalGroupsSequence = [Dataset(), groups(3)]
    dataset.PixelData = 2 * dataset.PixelData
    dataset.save_as(path)


def write_compressed(native: pathlib.Path, path: pathlib.Path, syntax: int) -> None:
    reader = gdcm.ImageReader()
    reader.SetFileName(str(native))
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(path))
    assert reader.Read(), native
    change.SetInput(reader.GetImage())
    assert change.Change(), path
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write(), path


def write_untransformed(native: pathlib.Path, path: pathlib.Path, photometric: str) -> None:
    """JPEG 2000 of colours whose codestream does not transform its components."""
    dataset = pydicom.dcmread(native)
    pixels = convert_color_space(dataset.pixel_array, "RGB", photometric) if photometric != "RGB" else dataset.pixel_array
    stream = io.BytesIO()
    PIL.Image.fromarray(pixels).save(stream, "JPEG2000", no_jp2=True, mct=0, num_resolutions=2)
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.JPEG2000Lossless
    dataset.PhotometricInterpretation = photometric
    dataset.PixelData = encapsulate([stream.getvalue()])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.save_as(path)


def write_encapsulated(native: pathlib.Path, path: pathlib.Path, syntax: str, pixels: bytes, frames: int = 1) -> None:
    dataset = pydicom.dcmread(native)
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.NumberOfFrames = frames
    dataset.PixelData = pixels
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    # pydicom does not know each transfer syntax.
    pydicom.dcmwrite(path, dataset, implicit_vr=False, little_endian=True, force_encoding=True)


def write_fragments(compressed: pathlib.Path, path: pathlib.Path) -> None:
    """The picture twice, each time in two fragments, without an offset table."""
    dataset = pydicom.dcmread(compressed)
    frame = next(generate_frames(dataset.PixelData, number_of_frames=1))
    pixels = encapsulate([frame, frame], fragments_per_frame=2, has_bot=False)
    write_encapsulated(compressed, path, dataset.file_meta.TransferSyntaxUID, pixels, 2)


def write_deflated_frame(native: pathlib.Path, path: pathlib.Path) -> None:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    stream = deflate.compress(pydicom.dcmread(native).PixelData) + deflate.flush()
    write_encapsulated(native, path, "1.2.840.10008.1.2.8.1", encapsulate([stream]))


def write_table(native: pathlib.Path, path: pathlib.Path) -> None:
    """The same pixels with a modality lookup table."""
    table = Dataset()
    table.ModalityLUTType = "HU"
    table.add_new("LUTDescriptor", "US", [32, 100, 16])
    table.add_new("LUTData", "OW", numpy.arange(0, 32000, 1000, dtype="<u2").tobytes())
    dataset = pydicom.dcmread(native)
    dataset.ModalityLUTSequence = [table]
    dataset.save_as(path)


def write_high_throughput(native: pathlib.Path, path: pathlib.Path, encode: str) -> None:
    """High-throughput JPEG 2000 by a command that reads raw pixels and writes a codestream to its standard output:
    ENCODE WIDTH HEIGHT BITS COMPONENTS. npm's @cornerstonejs/codec-openjph 2.4.11 was used."""
    dataset = pydicom.dcmread(native)
    numbers = [dataset.Columns, dataset.Rows, dataset.BitsStored, dataset.SamplesPerPixel]
    stream = subprocess.run([encode, *map(str, numbers)], input=dataset.PixelData, stdout=subprocess.PIPE, check=True).stdout
    write_encapsulated(native, path, "1.2.840.10008.1.2.4.201", encapsulate([stream]))


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    y, x = numpy.mgrid[0:12, 0:17]
    noise = numpy.random.default_rng(1).integers(0, 50, (12, 17))
    gray16 = (x * 3000 + y * 900 + noise).astype("<u2")
    gray8 = (gray16 >> 8).astype("u1")
    pictures = {
        "gray16": (gray16, 16, False),
        "gray12": (gray16 >> 4, 12, False),
        "signed16": ((gray16.astype("i4") - 20000).astype("<i2"), 16, True),
        "rgb8": (numpy.stack([gray8, 255 - gray8, (x * 9).astype("u1")], -1), 8, False),
    }
    syntaxes = {
        "jpeg_lossless": gdcm.TransferSyntax.JPEGLosslessProcess14_1,
        "jpeg_ls": gdcm.TransferSyntax.JPEGLSLossless,
        "jpeg2000": gdcm.TransferSyntax.JPEG2000Lossless,
        "rle": gdcm.TransferSyntax.RLELossless,
    }
    for name, (pixels, stored, signed) in pictures.items():
        native = folder / f"{name}.dcm"
        write_native(native, pixels, stored, signed)
        for kind, syntax in syntaxes.items():
            write_compressed(native, folder / f"{name}_{kind}.dcm", syntax)
    write_enhanced(folder / "gray12.dcm", folder / "gray12_enhanced.dcm")
    write_untransformed(folder / "rgb8.dcm", folder / "rgb8_jpeg2000_plain.dcm", "RGB")
    write_untransformed(folder / "rgb8.dcm", folder / "rgb8_jpeg2000_ybr.dcm", "YBR_FULL")
    write_table(folder / "gray12.dcm", folder / "gray12_modality.dcm")
    write_deflated_frame(folder / "gray12.dcm", folder / "gray12_deflated_frame.dcm")
    write_fragments(folder / "gray12_jpeg2000.dcm", folder / "gray12_fragments.dcm")
    if len(sys.argv) > 2:
        for name in ("gray12", "rgb8"):
            write_high_throughput(folder / f"{name}.dcm", folder / f"{name}_htj2k.dcm", sys.argv[2])
    extended = gdcm.TransferSyntax.JPEGExtendedProcess2_4
    write_compressed(folder / "gray12.dcm", folder / "gray12_jpeg_extended.dcm", extended)


main()
