"""Each module but graph, tensorflow_graph and tensorflow has convert(read): the network as ONNX, of the files that read(path) gives."""
