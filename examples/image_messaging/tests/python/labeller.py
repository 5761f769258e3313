"""labeller.py BOOTSTRAP FRAMES: a labeller as MessageCorps has one, that sees brightness alone.

Reads Images of VideoStream and sends for each a Prediction with a label and the frame's number: no key, no headers, no
scores. Prints "ready" once it reads, and ends after so many frames.
"""

import datetime
import sys
import uuid

from kafka import KafkaConsumer, KafkaProducer

import channels
from messagecorps.common_pb2 import DEVELOPMENT
from messagecorps.predictions_pb2 import Prediction


def main():
    bootstrap, count = sys.argv[1], int(sys.argv[2])
    producer = KafkaProducer(bootstrap_servers=bootstrap, value_serializer=channels.encode)
    consumer = KafkaConsumer(
        "VideoStream",
        bootstrap_servers=bootstrap,
        group_id="python-labeller",
        auto_offset_reset="earliest",
        consumer_timeout_ms=40_000,
    )
    consumer.poll(timeout_ms=0)
    print("ready", flush=True)
    for number, record in enumerate(consumer, start=1):
        image = channels.decode("VideoStream", record.value)
        mean = sum(image.image_data) / len(image.image_data)
        prediction = Prediction(object=["bright" if mean > 127 else "dark"], frame=image.frame)
        data = prediction._message_data
        data.iso_date = datetime.datetime.now(datetime.timezone.utc).isoformat()
        data.environment = DEVELOPMENT
        data.sending_service = "python-labeller"
        data.uuid = str(uuid.uuid1())
        data.trace_id = image._message_data.trace_id
        producer.send("Predictions", prediction).get(timeout=20)
        if number == count:
            break
    consumer.close()
    producer.close()


main()
