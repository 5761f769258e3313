#include "worker/handler_chain.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "conveyor/testing/handler.h"
#include "conveyor/v1/image.pb.h"

namespace conveyor::worker {
namespace {

using v1::Image;

class HandlerChainTest : public ::testing::Test {
 protected:
  static std::unique_ptr<detail::ErasedHandler> handler_of(auto function) {
    auto call = [](auto& handle, const Message<Image>& message, Context& around) { handle(message, around); };
    return std::make_unique<detail::TypedHandler<Image, decltype(function), decltype(call)>>(function, call);
  }
  std::unique_ptr<detail::ErasedHandler> telling_handler() {
    return handler_of([this](const Message<Image>& message, Context&) {
      story.push_back("handler " + std::to_string(message.value().frame()) + " " +
                      std::string(message.key().value_or("")));
    });
  }
  Middleware telling(const std::string& name) {
    return [this, name](const RecordHandler& next) -> RecordHandler {
      story.push_back("made " + name);
      return [this, name, next](const Record& record, Context& around) {
        story.push_back(name);
        next(record, around);
        story.push_back(name + " end " + record.key.value_or(""));
      };
    };
  }
  HandlerChain::Decode decodes_to(int frame) {
    return [this, frame](Record&, google::protobuf::Message& value) {
      story.emplace_back("decode");
      static_cast<Image&>(value).set_frame(frame);
    };
  }
  static void undecodable(Record& record, google::protobuf::Message&) {
    record.error = errc::decode;
    record.error_text = "not a zlib stream";
  }

  std::vector<std::string> story;
  const Record received{.topic = "images", .partition = 2, .offset = 5, .key = "k"};
  testing::RecordingContext context;
};

TEST_F(HandlerChainTest, TheFirstIsTheOutermostAndDecodingIsInside) {
  const std::vector<Middleware> middleware{telling("a"), telling("b")};
  HandlerChain chain{telling_handler(), middleware};
  EXPECT_EQ(story, (std::vector<std::string>{"made b", "made a"}));
  story.clear();
  chain(received, context, decodes_to(7));
  EXPECT_EQ(story, (std::vector<std::string>{"a", "b", "decode", "handler 7 k", "b end k", "a end k"}));
  EXPECT_FALSE(chain.undecodable());
}

TEST_F(HandlerChainTest, AnUndecodableRecordIsADecodeErrorOutOfNext) {
  const std::vector<Middleware> middleware{telling("a")};
  HandlerChain chain{telling_handler(), middleware};
  EXPECT_THROW(chain(received, context, undecodable), DecodeError);
  EXPECT_EQ(chain.undecodable(), "not a zlib stream");
  chain(received, context, decodes_to(7));
  EXPECT_FALSE(chain.undecodable()) << "it was the last record's";
}

TEST_F(HandlerChainTest, TheHandlerSeesTheRecordThatNextIsGiven) {
  const std::vector<Middleware> middleware{[](const RecordHandler& next) -> RecordHandler {
    return [next](const Record& given, Context& around) {
      Record changed = given;
      changed.key = "changed";
      next(changed, around);
      next(given, around);
    };
  }};
  HandlerChain chain{telling_handler(), middleware};
  chain(received, context, decodes_to(7));
  EXPECT_EQ(story, (std::vector<std::string>{"decode", "handler 7 changed", "decode", "handler 7 k"}));
}

TEST_F(HandlerChainTest, MiddlewareMustReturnAHandler) {
  const std::vector<Middleware> middleware{[](const RecordHandler&) { return RecordHandler(); }};
  EXPECT_THROW(HandlerChain(telling_handler(), middleware), Error);
}

TEST_F(HandlerChainTest, NextIsNotToBeCalledLater) {
  RecordHandler kept;
  const std::vector<Middleware> middleware{[&](const RecordHandler& next) {
    kept = next;
    return next;
  }};
  HandlerChain chain{telling_handler(), middleware};
  chain(received, context, decodes_to(7));
  EXPECT_THROW(kept(received, context), Error);
}

}  // namespace
}  // namespace conveyor::worker
