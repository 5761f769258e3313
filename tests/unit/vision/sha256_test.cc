#include "vision/sha256.h"

#include <gtest/gtest.h>

namespace conveyor::vision {
namespace {

TEST(Sha256, IsThatOfTheStandardsExamples) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// Each way a message can end in its last block; the digest of all the digests, as Python's hashlib gives it.
TEST(Sha256, PadsEveryLength) {
  std::string digests;
  for (std::size_t size = 0; size <= 130; ++size) digests += sha256(std::string(size, 'x'));
  EXPECT_EQ(sha256(digests), "87aca1c44bc7ba8897768170211f0a02063de70801131ff86c7edb9ce32c6a50");
}

TEST(Sha256, IsTheSameHoweverTheBytesCome) {
  std::string whole;
  Sha256 pieces;
  for (std::size_t size = 0; size <= 200; size += 7) {
    const std::string piece(size, static_cast<char>('a' + size % 26));
    whole += piece;
    pieces.add(piece);
    EXPECT_EQ(pieces.hex(), sha256(whole)) << whole.size();
  }
}

}  // namespace
}  // namespace conveyor::vision
