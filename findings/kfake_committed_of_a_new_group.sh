#!/usr/bin/env bash
# The committed offset of a group that has never been, asked of two brokers by the same client.
#
# Versions: kfake v0.0.0-20260918054303-01f206a7e32c (franz-go v1.22.3), Apache Kafka 4.4.0, confluent-kafka 2.16.1 with its
# librdkafka 2.16.0, Go 1.26 or newer, Java 17.
# Behaviour: Apache Kafka answers OffsetFetch for a group that it does not know with offset -1, "nothing is committed", and no
# error, whatever the version of the request. kfake answers GROUP_ID_NOT_FOUND for the whole group, which librdkafka hands on as
# a failure of committed(). Whoever asks for the offsets of a new group, as a tool that resumes does at its first run, works on
# the one and fails on the other.
# Seen: apache-kafka: committed -1001 without an error      (-1001 is librdkafka's word for "none")
#       kfake: raised GROUP_ID_NOT_FOUND
# Exit code 0 while both are so. Needs go, java, mvn, python3 with venv.
set -euo pipefail
work=$(mktemp -d)
kafka=
finish() {
  if [ -n "$kafka" ]; then kill "$kafka" 2>/dev/null || true; wait "$kafka" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap finish EXIT
cd "$work"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check confluent-kafka==2.16.1

cat >ask.py <<'PYTHON'
import sys, time
from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

name, brokers = sys.argv[1:]
admin = AdminClient({"bootstrap.servers": brokers})
deadline = time.monotonic() + 60
while True:
    try:
        admin.list_topics(timeout=5)
        break
    except KafkaException:
        if time.monotonic() > deadline:
            raise
admin.create_topics([NewTopic("orders", 1, 1)])["orders"].result()
consumer = Consumer({"bootstrap.servers": brokers, "group.id": "never-used"})
# A coordinator that is not ready yet is not what is asked about.
while True:
    try:
        print(f"{name}: committed {consumer.committed([TopicPartition('orders', 0)], timeout=10)[0].offset} without an error")
        break
    except KafkaException as error:
        if error.args[0].name() == "GROUP_ID_NOT_FOUND" or time.monotonic() > deadline:
            print(f"{name}: raised {error.args[0].name()}")
            break
        time.sleep(0.5)
PYTHON

mkdir kfake && cd kfake
cat >main.go <<'GO'
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/twmb/franz-go/pkg/kfake"
)

func main() {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		panic(err)
	}
	fmt.Println(cluster.ListenAddrs()[0])
	io.Copy(io.Discard, os.Stdin)
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/twmb/franz-go@v1.22.3 github.com/twmb/franz-go/pkg/kfake@v0.0.0-20260918054303-01f206a7e32c >/dev/null 2>&1
go build -o ../kfake-broker .
cd ..
mkfifo input
./kfake-broker <input >kfake.address &
broker=$!
exec 3>input
until [ -s kfake.address ]; do sleep 0.1; done
python/bin/python ask.py kfake "$(cat kfake.address)" 2>/dev/null | tee -a seen
exec 3>&-
wait "$broker" || true

cat >pom.xml <<'XML'
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.4.0</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>4.4.0</version></dependency>
  </dependencies>
</project>
XML
mvn -q -B dependency:copy-dependencies -DoutputDirectory="$work/jars"
read -r client controller < <(python3 -c '
import socket
ends = [socket.socket() for _ in range(2)]
for end in ends: end.bind(("127.0.0.1", 0))
print(*(end.getsockname()[1] for end in ends))')
cat >server.properties <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$client,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$client
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=$work/data
offsets.topic.replication.factor=1
PROPERTIES
java -cp "jars/*" kafka.tools.StorageTool format -t "$(java -cp 'jars/*' kafka.tools.StorageTool random-uuid 2>/dev/null)" \
  -c server.properties >format.log 2>&1
java -Xmx256m -cp "jars/*" kafka.Kafka server.properties >kafka.log 2>&1 &
kafka=$!
python/bin/python ask.py apache-kafka "127.0.0.1:$client" 2>/dev/null | tee -a seen

diff <(sort seen) - <<'EXPECTED'
apache-kafka: committed -1001 without an error
kfake: raised GROUP_ID_NOT_FOUND
EXPECTED
