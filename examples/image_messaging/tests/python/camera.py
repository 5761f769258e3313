"""camera.py BOOTSTRAP PHOTO WIDTH FRAMES RATE: a camera as MessageCorps has one, that sees one photograph.

Sends Images on VideoStream at RATE a second: raw interleaved RGB, numbered from 0, no key, no headers. Prints what it sent.
"""

import datetime
import sys
import time
import uuid

from kafka import KafkaProducer
from PIL import Image as Picture

import channels
from messagecorps.common_pb2 import DEVELOPMENT
from messagecorps.data_pb2 import Image


def stamp(message):
    data = message._message_data
    data.iso_date = datetime.datetime.now(datetime.timezone.utc).isoformat()
    data.environment = DEVELOPMENT
    data.sending_service = "python-camera"
    data.uuid = str(uuid.uuid1())
    data.trace_id = uuid.uuid1().hex


def main():
    bootstrap, photo, width, frames, rate = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
    picture = Picture.open(photo).convert("RGB")
    picture = picture.resize((width, picture.height * width // picture.width), Picture.Resampling.LANCZOS)
    pixels = picture.tobytes()
    assert len(pixels) == picture.width * picture.height * 3
    producer = KafkaProducer(bootstrap_servers=bootstrap, value_serializer=channels.encode)
    start = time.monotonic()
    for number in range(frames):
        image = Image(image_data=pixels, width=picture.width, height=picture.height, frame=number)
        stamp(image)
        producer.send("VideoStream", image).get(timeout=20)
        time.sleep(max(0, start + (number + 1) / rate - time.monotonic()))
    producer.close()
    print("sent", frames)


main()
