"""consume.py BOOTSTRAP TOPIC COUNT [TRACE_ID...]: reads as MessageCorps does what Conveyor wrote, and checks every field.

Ends with an AssertionError at the first that is wrong. With trace ids: the messages carry these, in this order.
"""

import datetime
import re
import sys
import time

from kafka import KafkaConsumer

import channels
from messagecorps.common_pb2 import PRODUCTION


def check_metadata(data, trace_id):
    now = time.time()
    assert now - 300 < data.timestamp <= now + 1, f"timestamp {data.timestamp}, now {now}"
    assert data.environment == PRODUCTION, data.environment
    assert data.sending_service == "c++ ü", data.sending_service
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", data.uuid), data.uuid
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00", data.iso_date), data.iso_date
    moment = datetime.datetime.fromisoformat(data.iso_date).timestamp()
    assert abs(moment - data.timestamp) < 1e-5, f"{data.iso_date} is not {data.timestamp}"
    assert re.fullmatch(r"[0-9a-f]{32}", data.trace_id), data.trace_id
    assert trace_id is None or data.trace_id == trace_id, f"trace {data.trace_id}, not {trace_id}"
    assert (data.offset, data.partition) == (0, 0), "the position is set on receipt, not sent"


def check_image(image, number):
    width, height = channels.SIZES[number]
    assert (image.frame, image.width, image.height) == (number, width, height), (image.frame, image.width, image.height)
    assert image.image_data == channels.pixels(number, width, height), "other pixels"


def check_prediction(prediction, number):
    assert list(prediction.object) == channels.OBJECTS, prediction.object
    assert prediction.frame == number, prediction.frame


def main():
    bootstrap, topic, count, trace_ids = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]
    consumer = KafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        group_id="python-display",
        auto_offset_reset="earliest",
        consumer_timeout_ms=20_000,
    )
    number = 0
    for record in consumer:
        message = channels.decode(topic, record.value)
        check_metadata(message._message_data, trace_ids[number] if trace_ids else None)
        (check_image if topic == "VideoStream" else check_prediction)(message, number)
        # As MessageCorps does on receipt; fields it does not know must survive what it sends on.
        message._message_data.offset = record.offset
        message._message_data.partition = record.partition
        assert channels.decode(topic, channels.encode(message)) == message
        number += 1
        if number == count:
            break
    consumer.close()
    assert number == count, f"{number} messages of {count} came"
    print("checked", number)


main()
