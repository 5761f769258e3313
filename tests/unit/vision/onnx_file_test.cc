#include "vision/onnx/onnx_file.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/vision/expect_error.h"
#include "unit/vision/onnx_writer.h"
#include "unit/vision/temporary_folder.h"

namespace conveyor::vision {
namespace {

using namespace onnx_writer;

const std::string kData = "0123456789abcdef";
const std::string kExternal = external("here", 1, {4}, {{"location", "data"}});
const std::string kInline = tensor_head("here", 1, {4}) + bytes(9, kData);

std::string graph_with(const std::string& field) { return bytes(7, field); }
std::string node_with(const std::string& attribute) { return bytes(1, bytes(4, "Op") + bytes(5, attribute)); }

/// A tensor everywhere that onnx.proto has room for one.
struct Place {
  const char* name;
  std::string (*model)(const std::string& tensor);
};

class OnnxFileTensor : public ::testing::TestWithParam<Place> {
 protected:
  std::string read(const std::string& tensor) {
    return read_onnx_file(folder_.write("model.onnx", number(1, 8) + GetParam().model(tensor) + bytes(2, "producer")))
        .bytes;
  }
  TemporaryFolder folder_{"conveyor_onnx_file"};
};

TEST_P(OnnxFileTensor, GetsItsExternalData) {
  folder_.write("data", kData);
  EXPECT_EQ(read(kExternal), number(1, 8) + GetParam().model(kInline) + bytes(2, "producer"));
  EXPECT_EQ(read(kInline), number(1, 8) + GetParam().model(kInline) + bytes(2, "producer"));
}

TEST_P(OnnxFileTensor, HasAsManyNumbersAsItsShapeNeeds) {
  const std::string head = tensor_head("here", 1, {4});
  EXPECT_ERROR(errc::invalid_config, "tensor \"here\" has 15 bytes; its shape and type need 16",
               (void)read(head + bytes(9, kData.substr(1))));
  EXPECT_ERROR(errc::invalid_config, "has 0 numbers; its shape and type need 4", (void)read(head));
  EXPECT_ERROR(errc::invalid_config, "has 3 numbers; its shape and type need 4",
               (void)read(head + bytes(4, "012345678901")));
  EXPECT_ERROR(errc::invalid_config, "twice, or as another type", (void)read(head + bytes(9, kData) + bytes(4, kData)));
  EXPECT_ERROR(errc::invalid_config, "twice, or as another type", (void)read(head + bytes(7, "\1\1\1\1")));
  EXPECT_ERROR(errc::invalid_config, "has a side of -1", (void)read(tensor_head("here", 1, {-1}) + bytes(9, kData)));
  EXPECT_ERROR(errc::invalid_config, "more numbers than a model file can hold",
               (void)read(tensor_head("here", 1, {1LL << 40, 1LL << 40}) + bytes(9, kData)));
  EXPECT_ERROR(errc::invalid_config, "has 40 dimensions",
               (void)read(tensor_head("here", 1, Shape(40, 1)) + bytes(9, "0123")));
  EXPECT_ERROR(errc::invalid_config, "is of 0, which is not known", (void)read(bytes(9, kData)));
  EXPECT_ERROR(errc::invalid_config, "has strings as raw bytes",
               (void)read(tensor_head("here", 8, {1}) + bytes(9, "x")));
}

TEST_P(OnnxFileTensor, MayHaveItsNumbersInTheFieldOfTheirType) {
  for (const std::string& tensor :
       {tensor_head("a", 1, {4}) + bytes(4, kData), tensor_head("a", 7, {3}) + bytes(7, "\1\200\1\3"),
        tensor_head("a", 7, {2}) + number(7, 5) + number(7, -6),
        tensor_head("a", 8, {2}) + bytes(6, "x") + bytes(6, ""), tensor_head("a", 11, {}) + bytes(10, "01234567"),
        tensor_head("a", 14, {2}) + bytes(4, kData), tensor_head("a", 21, {3}) + bytes(5, "\1\2"),
        tensor_head("a", 22, {3}) + bytes(9, "\1\2"), tensor_head("a", 1, {0}), tensor_head("a", 9, {2, 0, 3}),
        tensor_head("a", 16, {1, 2}) + bytes(9, "0123")}) {
    EXPECT_EQ(read(tensor), number(1, 8) + GetParam().model(tensor) + bytes(2, "producer"));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Each, OnnxFileTensor,
    ::testing::Values(
        Place{"weight", [](const std::string& tensor) { return graph_with(bytes(5, tensor)); }},
        Place{"sparse_values", [](const std::string& tensor) { return graph_with(bytes(15, bytes(1, tensor))); }},
        Place{"sparse_indices", [](const std::string& tensor) { return graph_with(bytes(15, bytes(2, tensor))); }},
        Place{"attribute", [](const std::string& tensor) { return graph_with(node_with(bytes(5, tensor))); }},
        Place{"attribute_of_several",
              [](const std::string& tensor) { return graph_with(node_with(bytes(10, tensor))); }},
        Place{"sparse_attribute",
              [](const std::string& tensor) { return graph_with(node_with(bytes(22, bytes(1, tensor)))); }},
        Place{"inner_graph",
              [](const std::string& tensor) { return graph_with(node_with(bytes(6, bytes(5, tensor)))); }},
        Place{"inner_graphs",
              [](const std::string& tensor) { return graph_with(node_with(bytes(11, node_with(bytes(5, tensor))))); }},
        Place{"function", [](const std::string& tensor) { return bytes(25, bytes(7, bytes(5, bytes(5, tensor)))); }},
        Place{"training", [](const std::string& tensor) { return bytes(20, bytes(2, bytes(5, tensor))); }}),
    [](const auto& place) { return std::string(place.param.name); });

std::string read(const std::string& model) {
  const TemporaryFolder folder("conveyor_onnx_file");
  return read_onnx_file(folder.write("model.onnx", model)).bytes;
}

TEST(OnnxFile, TakesNothingTwiceThatProtobufWouldMerge) {
  const std::string half = tensor_head("a", 1, {4}) + bytes(9, kData);
  EXPECT_ERROR(errc::invalid_config, "not an ONNX model",
               (void)read(graph_with(node_with(bytes(5, half) + bytes(5, half)))));
  EXPECT_ERROR(errc::invalid_config, "not an ONNX model", (void)read(graph_with(bytes(5, half)) + graph_with("")));
}

TEST(OnnxFile, GraphsInGraphsHaveALimit) {
  const auto nested = [](int depth) {
    std::string graph = bytes(2, "innermost");
    for (int i = 1; i < depth; ++i) graph = node_with(bytes(6, graph));
    return graph_with(graph);
  };
  EXPECT_EQ(read(nested(16)), nested(16));
  EXPECT_ERROR(errc::invalid_config, "more than 16 deep", (void)read(nested(17)));
}

TEST(OnnxFile, IsNoModelWithBrokenFields) {
  for (const std::string& broken :
       {std::string("\x3a\x05\x01", 3), std::string("\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11),
        std::string("\x07", 1), std::string("\x03\x00", 2), std::string(11, '\xff'), std::string("\x09\x01\x02", 3),
        std::string("\x0d\x01", 2)}) {
    EXPECT_ERROR(errc::invalid_config, "not an ONNX model", (void)read(broken));
  }
}

}  // namespace
}  // namespace conveyor::vision
