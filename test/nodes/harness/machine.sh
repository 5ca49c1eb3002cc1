#!/bin/bash
# The init process of a machine: a copy of this host in PID, mount, network and UTS namespaces of its own, with a copy-on-write overlay
# of its files. When it exits, the kernel kills all its processes and removes its mounts and its network, as a power cut would. After
# signal 39 (SIGRTMIN+5: systemd's reboot) it exits with code 39, and the harness starts it again.
#
# Run with `unshare --pid --fork --kill-child --mount --propagation private --net --uts --ipc`; file descriptor 3 is the network namespace
# of the harness.
set -euo pipefail

# Outside of its namespaces everything below would damage the host.
[ $$ = 1 ] || exit 1

# The kernel drops signals to an init process that has no handler for them.
trap 'exit 39' RTMIN+5

hostname "$NAME"

# A veth pair to the harness's bridge. /proc is still that of the host here.
outside() { nsenter --net=/proc/self/fd/3 "$@"; }
outside ip link add "$WIRE" type veth peer name eth0 address "$MAC" netns 1
outside ip link set "$WIRE" master "$BRIDGE" up
exec 3<&-
echo 1 >/proc/sys/net/ipv4/ip_forward
ip link set lo up
ip link set eth0 up
ip address add "$ADDRESS/24" dev eth0
ip route add default via "$GATEWAY"
for route in $ROUTES; do ip route add "${route%@*}" via "${route#*@}"; done

# All writes go to $DISK, which survives a reboot; the host's files are unchanged.
root=$DISK/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$DISK/upper,workdir=$DISK/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
# What an agent reads, and what containerd and kubelet write: overlays of containers cannot lie on an overlay.
for folder in boot lib/modules var/lib/dpkg var/lib/containerd var/lib/kubelet; do
  mkdir -p "$root/$folder"
  mount --bind "$DISK/own/$folder" "$root/$folder"
done
mkdir "$root/run/machine"
for file in kubernetes images; do
  outer=${file^^}
  if [ -d "${!outer}" ]; then mkdir "$root/run/machine/$file"; else touch "$root/run/machine/$file"; fi
  mount --bind "${!outer}" "$root/run/machine/$file"
done
mount --bind "$DISK/upper/etc/machine/boot_id" "$root/proc/sys/kernel/random/boot_id"
# A kubelet sets kernel parameters, which are the host's. These files show it the values that it would set.
while read -r tunable value; do
  echo "$value" >"$root/run/machine/$value"
  mount --bind "$root/run/machine/$value" "$root/proc/sys/$tunable"
done <<'TUNABLES'
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
TUNABLES
cd "$root"
pivot_root . .outside
umount --lazy /.outside
cd /
# A container may use mount propagation from the host, for mounts made later.
mount --make-rshared /

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
keep() {
  local log=/var/log/machine/$1.log
  shift
  while :; do
    "$@" >>"$log" 2>&1 || true
    sleep 0.2
  done
}

keep containerd containerd --config /etc/machine/containerd.toml &
until ctr version >/dev/null 2>&1; do sleep 0.05; done
for image in /run/machine/images/*.tar; do
  mark=/var/lib/containerd/imported.$(basename "$image")
  [ -e "$mark" ] && continue
  ctr --namespace k8s.io images import "$image" >>/var/log/machine/containerd.log 2>&1
  touch "$mark"
done
# Linux can report an older release to a program (UNAME26): it serves as the kernel from before the machine's update.
# shellcheck disable=SC2086
keep kubelet ${OLD_KERNEL:+setarch --uname-2.6} /run/machine/kubernetes kubelet --config=/etc/machine/kubelet.json \
  --kubeconfig=/etc/machine/kubelet.kubeconfig --hostname-override="$NAME" --node-ip="$ADDRESS" &
keep kube-proxy /run/machine/kubernetes kube-proxy --config=/etc/machine/kube-proxy.json &
while :; do wait -n || true; done
