"""watch_frames.py BOOTSTRAP FRAMES WIDTH PHOTO: reads VideoStream as MessageCorps' loader does.

Ends with an AssertionError when the frames are not 0 to FRAMES - 1, each stamped and of raw RGB pixels with PHOTO's mean
red, green and blue. Prints "checked FRAMES".
"""

import sys

from kafka import KafkaConsumer
from PIL import Image as Picture
from PIL import ImageStat

import channels


def main():
    bootstrap, count, width = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    expected = ImageStat.Stat(Picture.open(sys.argv[4]).convert("RGB")).mean
    consumer = KafkaConsumer(
        "VideoStream",
        bootstrap_servers=bootstrap,
        group_id="python-watcher",
        auto_offset_reset="earliest",
        consumer_timeout_ms=20_000,
    )
    seen = set()
    for record in consumer:
        image = channels.decode("VideoStream", record.value)
        assert image.width == width, image.width
        assert len(image.image_data) == image.width * image.height * 3, (len(image.image_data), image.height)
        mean = ImageStat.Stat(Picture.frombytes("RGB", (image.width, image.height), image.image_data)).mean
        assert all(abs(ours - theirs) < 2 for ours, theirs in zip(mean, expected)), (mean, expected)
        assert image._message_data.sending_service == "capture", image._message_data
        seen.add(image.frame)
        if len(seen) == count:
            break
    consumer.close()
    assert sorted(seen) == list(range(count)), sorted(seen)
    print("checked", count)


main()
