# Runs inside the new file system, from its package lists. Kernels are found by name, because Debian replaces them every few weeks.
set -e
export DEBIAN_FRONTEND=noninteractive

newest=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: *\(linux-image-[0-9].*\)$/\1/p')
series=${newest%-*-cloud-amd64}
older=$(apt-cache search --names-only "^$series-[0-9]+-cloud-amd64\$" | cut -d ' ' -f 1 | sort -V | grep -B 1 "^$newest\$" | head -n 1)
if [ -z "$older" ] || [ "$older" = "$newest" ]; then
  echo "Debian has no kernel before $newest to boot first" >&2
  exit 1
fi
apt-get install -y -qq --no-install-recommends "$older" "$newest"

systemctl enable systemd-networkd.service api-server.socket kubelet.service
# Nothing may begin to work by itself while the tests measure and wait.
systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
  fstrim.timer systemd-networkd-wait-online.service
# What the machine logs is asked for after its reboot.
mkdir -p /var/log/journal
rm -f /etc/hostname
