#!/bin/sh
# Runs once inside the image's file system, after its packages are installed.
set -eu
useradd --create-home --uid 1000 --shell /bin/bash ops
# No password, and yet not locked: sshd lets a locked account in by no means at all.
usermod --password '*' ops
chmod 0440 /etc/sudoers.d/ops
# Every host is given a key and a machine-id of its own.
rm -f /etc/ssh/ssh_host_*
: >/etc/machine-id
systemctl enable vpn0.service lab-resolver.service lab-artifacts.service lab-names.service lab-acme.service lab-cert-manager.service lab-nfs.service
# Debian's own units would answer on every host.
systemctl mask named.service nfs-ganesha.service nfs-ganesha-lock.service
# Nothing inside runs by the clock: figures are of what the lab does.
systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer
# The packages that storage and the virtual IP need are there to be installed without a network, and not installed: that is a node's
# preparation, which the lab is to show. So is the site's NFS server, which would bring the NFS client to every host.
rm -f /etc/apt/apt.conf.d/docker-clean
apt-get clean
echo 'Binary::apt::APT::Keep-Downloaded-Packages "true";' >/etc/apt/apt.conf.d/99groundwork-lab
apt-get install --yes --no-install-recommends --download-only nfs-common open-iscsi keepalived nfs-ganesha nfs-ganesha-mem
rm -f /var/cache/apt/*.bin /prepare.sh
