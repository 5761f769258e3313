#!/usr/bin/env bash
# How many frames OpenCV says that a video has, and how many it gives, of files that ordinary tools write.
#
# Versions: opencv-python-headless 5.0.0.93 and 4.14.0.94, imageio-ffmpeg 0.8.1 with its FFmpeg, by which the files are made.
# Behaviour: CAP_PROP_FRAME_COUNT is what the container counts, not what read() gives:
#   an MP4 that was trimmed without being encoded anew, as phones and "ffmpeg -ss 1.3 -c copy" do, counts the frames before the
#     cut too, which are never given;
#   an AVI of a video with frames left out, as screen recorders write, counts the empty chunks that stand for them;
#   of a bare H.264 stream the count is a negative number of fifteen digits rather than 0 or -1.
# And of an MPEG transport stream, set(CAP_PROP_POS_FRAMES, 30) goes to another frame than 30 and returns true. Who compares the
# count with what came, or sizes a buffer or a progress bar by it, is wrong by a third or by everything.
# Seen: trimmed MP4: 100 counted, 67 given; AVI: 96 counted, 36 given; H.264: -192153584101141 counted, 100 given;
#       transport stream: set to 30, read from 50
# Exit code 0 while all of it is so. Needs python3 with venv.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >ask.py <<'PYTHON'
import subprocess

import cv2
import imageio_ffmpeg

SOURCE = "testsrc=size=160x120:rate=25:duration=4"


def ffmpeg(*arguments):
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", *arguments], check=True)


def counted_and_given(path):
    video = cv2.VideoCapture(path)
    given = 0
    while video.read()[0]:
        given += 1
    return video.get(cv2.CAP_PROP_FRAME_COUNT), given


ffmpeg("-f", "lavfi", "-i", SOURCE, "-c:v", "libx264", "-g", "50", "-bf", "2", "whole.mp4")
ffmpeg("-ss", "1.3", "-i", "whole.mp4", "-c", "copy", "trimmed.mp4")
ffmpeg("-f", "lavfi", "-i", SOURCE, "-vf", "select='not(mod(n,5))+lt(n,20)'", "-fps_mode", "vfr", "-c:v", "mjpeg", "some.avi")
ffmpeg("-i", "whole.mp4", "-c", "copy", "-bsf:v", "h264_mp4toannexb", "bare.h264")
ffmpeg("-i", "whole.mp4", "-c", "copy", "stream.ts")

print("OpenCV", cv2.__version__)
assert counted_and_given("whole.mp4") == (100, 100)
for path, counted, given in (("trimmed.mp4", 100, 67), ("some.avi", 96, 36), ("bare.h264", None, 100)):
    seen = counted_and_given(path)
    print(f"{path}: {seen[0]:.0f} counted, {seen[1]} given")
    assert seen[1] == given and (seen[0] == counted if counted else seen[0] < -1e14)

video = cv2.VideoCapture("stream.ts")
told = video.set(cv2.CAP_PROP_POS_FRAMES, 30)
place = video.get(cv2.CAP_PROP_POS_FRAMES)
print(f"stream.ts: set to 30 returns {told}, and it stands at {place:.0f}")
assert told and place != 30
PYTHON

for release in 5.0.0.93 4.14.0.94; do
  python3 -m venv "$release"
  "$release/bin/pip" install --quiet --disable-pip-version-check "opencv-python-headless==$release" imageio-ffmpeg==0.8.1
  "$release/bin/python" ask.py 2>/dev/null
done
