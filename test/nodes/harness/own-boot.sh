#!/bin/sh
# Shows a container the boot ID and the kernel release of its machine instead of the host's. runc runs this in the container's mount
# namespace, before pivot_root, with the container's root as working directory (OCI runtime specification, createContainer hooks).
set -e
[ -e proc/sys/kernel/random/boot_id ] || exit 0
mount --bind /etc/machine/boot_id proc/sys/kernel/random/boot_id
mount --bind /etc/machine/osrelease proc/sys/kernel/osrelease
