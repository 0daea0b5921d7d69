#!/bin/sh
# root.sh DIRECTORY USR: makes the root of a host of its own below DIRECTORY/root, in the namespaces that it was started in, and
# stays as that host's first process. Nothing of the machine's own can be written from there: its root is bound read-only,
# for the programs alone. USR is `apart` where /usr is a file system of its own.
set -e
# The machine's own number of this process; in the new namespace it is 1.
read -r pid rest </proc/self/stat
: "$rest"
directory=$1
mount -t tmpfs -o size=4g,nr_inodes=100000,mode=755 disk "$directory/root"
cd "$directory/root"
mkdir -p .host .stub proc run sys/class/net sys/fs/cgroup dev etc/systemd/system etc/sysctl.d etc/modules-load.d \
  var/lib var/log tmp root home mnt usr/local/bin usr/local/sbin usr/local/lib usr/libexec
chmod 1777 tmp
for link in bin sbin usr/bin usr/sbin; do ln -s /.stub/bin "$link"; done
for link in lib lib32 lib64 usr/lib usr/lib32 usr/lib64 etc/alternatives; do
  [ ! -e "/$link" ] || ln -s "/.host/$link" "$link"
done
# Its own node: what a test does to it must not be done to the machine's.
mknod -m 666 dev/null c 1 3
mount --bind -o ro / .host
[ "$2" != apart ] || mount --bind -o ro /usr .host/usr
mount --bind "$directory/stub" .stub
mount -t proc proc proc
for file in swaps uptime locks; do mount --bind "$directory/stub/$file" "proc/$file"; done
mount -t tmpfs -o size=64m,mode=755 run run
mkdir run/systemd run/systemd/system run/lock
echo "$pid"
exec chroot . /.stub/real/dash -c 'exec </dev/null >/dev/null 2>&1; while :; do /.stub/real/sleep 1000 & wait; done'
