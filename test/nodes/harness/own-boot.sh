#!/bin/sh
# Shows a container the boot and the kernel of its machine instead of those of the computer around it. runc runs this in the container's
# mounts, before it enters them, with the container's root as working directory (OCI runtime specification, createContainer hooks).
set -e
[ -e proc/sys/kernel/random/boot_id ] || exit 0
mount --bind /etc/machine/boot_id proc/sys/kernel/random/boot_id
mount --bind /etc/machine/osrelease proc/sys/kernel/osrelease
