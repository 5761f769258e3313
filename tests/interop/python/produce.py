"""produce.py BOOTSTRAP: a camera and a labeller as MessageCorps writes them.

Sends one Image for each of channels.SIZES and one Prediction, without key and headers, with stamps of its own, and
prints for each: topic, frame, uuid, iso_date, trace_id.
"""

import datetime
import sys
import uuid

from kafka import KafkaProducer

import channels
from messagecorps.common_pb2 import STAGING
from messagecorps.data_pb2 import Image
from messagecorps.predictions_pb2 import Prediction


def stamp(message):
    data = message._message_data
    data.iso_date = datetime.datetime.now(datetime.timezone.utc).isoformat()
    data.environment = STAGING
    data.sending_service = "python-camera ü"
    data.uuid = str(uuid.uuid1())
    if not data.trace_id:
        data.trace_id = uuid.uuid1().hex


def main():
    producer = KafkaProducer(bootstrap_servers=sys.argv[1], value_serializer=channels.encode)
    images = [
        Image(image_data=channels.pixels(number, width, height), width=width, height=height, frame=number)
        for number, (width, height) in enumerate(channels.SIZES)
    ]
    messages = [("VideoStream", image) for image in images]
    messages.append(("Predictions", Prediction(object=channels.OBJECTS, frame=2**40)))
    for topic, message in messages:
        stamp(message)
        producer.send(topic, message).get(timeout=20)
        data = message._message_data
        print(topic, message.frame, data.uuid, data.iso_date, data.trace_id, sep="\t")
    producer.close()


main()
