"""golden.py IMAGE_HEX IMAGE_RECORD_HEX PREDICTION_HEX PREDICTION_RECORD_HEX: golden bytes as Python reads and writes them."""

import sys
import zlib

from messagecorps.common_pb2 import DEVELOPMENT
from messagecorps.data_pb2 import Image
from messagecorps.predictions_pb2 import Prediction

for kind, (plain, record) in zip((Image, Prediction), zip(sys.argv[1::2], sys.argv[2::2])):
    message = kind.FromString(bytes.fromhex(plain))
    assert message.frame == 7 and message._message_data.environment == DEVELOPMENT, message
    assert message._message_data.trace_id == "5c6aa2d2e78711f09d3a0242ac120002", message
    assert message.SerializeToString().hex() == plain, message
    assert zlib.decompress(bytes.fromhex(record)).hex() == plain
