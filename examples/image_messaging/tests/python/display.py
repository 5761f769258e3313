"""display.py BOOTSTRAP LABEL FRAMES LABELLERS: reads Predictions as MessageCorps' loader does, of a network's labels.

Its Prediction knows the fields object, frame and _message_data alone. Ends with an AssertionError when the frames are not
0 to FRAMES - 1, each with LABEL first, a message is not stamped, or fewer LABELLERS took part. Prints "checked FRAMES".
"""

import re
import sys

from kafka import KafkaConsumer

import channels


def main():
    bootstrap, label, count, labellers = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    consumer = KafkaConsumer(
        "Predictions",
        bootstrap_servers=bootstrap,
        group_id="python-display",
        auto_offset_reset="earliest",
        consumer_timeout_ms=20_000,
    )
    seen = set()
    services = set()
    for record in consumer:
        prediction = channels.decode("Predictions", record.value)
        assert [field.name for field, _ in prediction.ListFields()] in (
            ["object", "frame", "_message_data"],
            ["object", "_message_data"],  # frame 0
        ), prediction
        assert prediction.object[0] == label, list(prediction.object)
        assert re.fullmatch(r"labeller-\d", prediction._message_data.sending_service), prediction._message_data
        assert re.fullmatch(r"[0-9a-f]{32}", prediction._message_data.trace_id), prediction._message_data
        assert prediction._message_data.iso_date and prediction._message_data.uuid, prediction._message_data
        seen.add(prediction.frame)
        services.add(prediction._message_data.sending_service)
        if len(seen) == count:
            break
    consumer.close()
    assert sorted(seen) == list(range(count)), sorted(seen)
    assert len(services) >= labellers, services
    print("checked", count)


main()
