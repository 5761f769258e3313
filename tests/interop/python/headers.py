"""headers.py BOOTSTRAP TOPIC [Prediction]: the headers of a topic's first record, and what is in it, for a strict reader.

Ends with an error when a header's text is not UTF-8 or the record cannot be parsed.
"""

import sys

from kafka import KafkaConsumer

from messagecorps.predictions_pb2 import Prediction


def main():
    consumer = KafkaConsumer(
        sys.argv[2],
        bootstrap_servers=sys.argv[1],
        group_id="python-strict",
        auto_offset_reset="earliest",
        consumer_timeout_ms=20_000,
    )
    record = next(consumer)
    for name, value in record.headers:
        print(f"{name}={value if value is None else value.decode()!r}")
    if sys.argv[3:] == ["Prediction"]:
        prediction = Prediction()
        prediction.ParseFromString(record.value)
        print(f"object={list(prediction.object)}")
    consumer.close()


main()
