# What docs/classifiers.md shows of `conveyor classifier check`; classifier_test.cc runs it.
set -eu

# [command]
conveyor classifier check onnx:egg_synthetic.onnx --image egg.png --show seen.png
# [/command]
