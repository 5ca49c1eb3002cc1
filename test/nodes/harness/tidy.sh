#!/bin/sh
# Removes what machines leave once their init processes have ended: control groups, and the bridge with its interfaces and routes.
#   tidy.sh NAME    of the bridge, and of the control groups
# Waits for the end of standard input, which comes with the end of the harness, even if that is killed.
cat >/dev/null
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
  left=$(find /sys/fs/cgroup -maxdepth 2 -name "$1" -type d 2>/dev/null)
  [ -z "$left" ] && break
  for group in $left; do find "$group" -depth -type d -exec rmdir {} + 2>/dev/null; done
  sleep 0.3
done
# The bridge comes last: connections that lost their peer would keep the network namespaces of machines alive for minutes.
for wire in /sys/class/net/"$1"/brif/*; do
  [ -e "$wire" ] && ip link delete "$(basename "$wire")" 2>/dev/null
done
ip link delete "$1" 2>/dev/null
[ -z "$left" ] && exit 0
echo "control groups are left: $left" >&2
exit 1
