# The dumps of hot_path_instructions, as callgrind writes them uncompressed -> FIGURE<TAB>INSTRUCTIONS lines; of the
# batches of one size the least. https://valgrind.org/docs/manual/cl-format.html
#
# In a dump "fn=NAME" begins what NAME cost, "POSITION COST" lines; one that follows a "calls=" line is the cost of the
# call to the "cfn=NAME" before it, all that was called from there included.

BEGIN {
  # A figure may have several functions. instructions.sh has callgrind collect in these, and nowhere else.
  figure_of["conveyor::tests::send_one"] = "send"
  figure_of["conveyor::tests::receive_one"] = "receive"
  figure_of["conveyor::worker::PartitionReader::read_some"] = "read"
  figure_of["conveyor::worker::Completions::apply"] = "read"
  figure_of["conveyor::kafka::ProducerSession::take_reports"] = "report"
  figure_of["conveyor::kafka::DeliveryLoop::on_delivery_reports"] = "report"
}

function name_of(line) {
  sub(/^c?fn=/, "", line)
  sub(/\(.*/, "", line)
  return line
}

function fail(why) {
  print "instructions.awk: " why > "/dev/stderr"
  failed = 1
  exit 1
}

FNR == 1 { finish_dump() }
/^desc: Trigger: Client Request: / { size = $(NF - 1); messages = $NF }
/^fn=/ { caller = name_of($0) }
/^cfn=/ { called = name_of($0) }
/^calls=/ { is_call = 1; next }
/^[0-9]+ / {
  cost[caller] += $2
  if (is_call && caller !~ /^libdeflate_/ && called ~ /^libdeflate_/) {
    codec[called ~ /decompress/ ? "inflate" : "deflate"] += $2
  }
  is_call = 0
}
END {
  if (failed) exit 1
  finish_dump()
  if (failed) exit 1
  for (figure in least) printf "%s\t%d\n", figure, least[figure]
}

function finish_dump(  name, sums, what) {
  if (size != "") {
    for (name in figure_of) {
      if (!(name in cost)) fail(name " was not called; if it was renamed, or inlined, take another")
      sums[figure_of[name]] += cost[name]
    }
    for (what in codec) sums[what] = codec[what]
    sums["send"] -= codec["deflate"]
    sums["receive"] -= codec["inflate"]
    for (what in sums) {
      # What the threads behind do is the same for each size, and steady where nothing large comes between.
      if ((what == "report" || what == "read") && size != "200B") continue
      name = what "_" size
      if (!(name in least) || sums[what] / messages < least[name]) least[name] = sums[what] / messages
    }
  }
  delete cost
  delete codec
  size = ""
}
