# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Takes k3s and everything of ours off the host. Packages stay, and so do snapshots, what lies on other file systems, and the data of
# volumes outside of k3s's directory. The mark goes last, so that an uninstall that was cut off can be run again.

uninstall() {
  doing='taking k3s off the host'
  lock_node uninstall
  read_mark
  if ! is_marked; then
    foreign=$(foreign_k3s)
    [ -n "$foreign" ] || ! is_ours || foreign='a unit by Groundwork'
    [ -z "$foreign" ] || fail "$node: this host has no mark of Groundwork's, but a k3s ($foreign); nothing was touched. If it is $node of this stack, run up once before removing it; otherwise uninstall it by hand"
    rmdir_empty "$state_dir/snapshots" "$state_dir" # where a run before was cut off after the mark was gone
    say "nothing of $node is on this host"
    return
  fi
  check_mark "$node"
  [ -z "$mark_adopting" ] ||
    fail "$node: the k3s on this host is being taken over, and that has not ended; nothing was touched. Run up again, or uninstall it by hand, remove $mark, and then run up again"
  foreign=$(foreign_k3s)
  [ -z "$foreign" ] || fail "$node: the k3s on this host is not Groundwork's any more ($foreign); nothing was touched. Uninstall it by hand and remove $mark, then run up again"
  stop_units
  stop_containers
  unmount_all
  drop_network
  open_firewall=no
  ensure_firewall
  keep_snapshots
  delete_files
  say "k3s is off $node"
}

stop_units() {
  for unit in groundwork-vip groundwork-interface k3s k3s-agent; do
    [ -e "/etc/systemd/system/$unit.service" ] || continue
    systemctl disable --now -q "$unit" || fail "$node: $unit cannot be stopped; see the line above"
  done
}

# k3s leaves its containers running when it stops (KillMode=process), so each shim's tree is ended here, from /proc: pgrep is not on
# every host.
stop_containers() {
  shims=$(grep -lsE '^/[^ ]*/k3s/data/[^/]*/bin/containerd-shim' /proc/[0-9]*/cmdline | sed 's|[^0-9]*||g' | tr '\n' ' ')
  [ -n "$shims" ] || return 0
  need_scratch
  sed -n 's/^\([0-9]\{1,\}\) (.*) [A-Za-z] \([0-9]\{1,\}\) .*/\1 \2/p' /proc/[0-9]*/stat >"$scratch/processes" 2>/dev/null || true # some end meanwhile
  for pid in $(with_descendants "$scratch/processes"); do
    kill -9 "$pid" 2>/dev/null || true # it may have ended with its parent
  done
}
with_descendants() {
  awk -v shims="$shims" '{ parent[$1] = $2 }
    END {
      for (at = split(shims, shim, " "); at > 0; at--) wanted[shim[at]] = 1
      do {
        grown = 0
        for (pid in parent) if (!(pid in wanted) && (parent[pid] in wanted)) wanted[pid] = grown = 1
      } while (grown)
      for (pid in wanted) print pid
    }' "$1"
}

# Real paths, as /proc/mounts has them: a directory of k3s's may be a link to another disk.
k3s_dirs='/run/k3s /run/flannel /var/lib/rancher/k3s /var/lib/kubelet /var/lib/cni'
mounts_below() {
  real=$(readlink -f "$1") || return 0
  awk -v below="$real/" 'index($2 "/", below) == 1 { print $2 }' /proc/self/mounts | sed 's/\\040/ /g' | sort -r
}

# What k3s and the kubelet mounted goes. A disk that somebody mounted at one of these directories stays: it is emptied below.
unmount_all() {
  for dir in $k3s_dirs; do
    mounts_below "$dir" | while IFS= read -r mounted; do
      [ "$mounted" != "$(readlink -f "$dir")" ] || is_bind_of_itself "$mounted" || continue
      umount "$mounted" 2>/dev/null || umount -f "$mounted" 2>/dev/null || umount -l "$mounted" ||
        fail "$node: $mounted cannot be unmounted; see the line above, end what uses it, and run up again. Nothing below was deleted"
    done
  done
  awk '{ print $2 }' /proc/self/mounts | grep '^/run/netns/cni-' | while IFS= read -r mounted; do umount -l "$mounted"; done
  for dir in $k3s_dirs; do
    left=$(mounts_below "$dir" | grep -vxF "$(readlink -f "$dir")" || true)
    [ -z "$left" ] || fail "$node: still mounted, so nothing was deleted: $left"
  done
}
# The kubelet binds its directory onto itself where / is not shared: the same device as the mount above it, and the same place there.
is_bind_of_itself() {
  awk -v at="$1" '{ device[$5] = $3; root[$5] = $4 }
    END {
      for (point in root) if (point != at && (point == "/" || index(at "/", point "/") == 1) && length(point) > length(above)) above = point
      base = root[above] == "/" ? "" : root[above]
      rest = above == "/" ? at : substr(at, length(above) + 1)
      exit !(device[above] == device[at] && root[at] == base rest)
    }' /proc/self/mountinfo
}

drop_network() {
  command -v ip >/dev/null || return 0
  for link in cni0 flannel.1 flannel-v6.1 flannel-wg flannel-wg-v6 kube-ipvs0; do
    ! ip link show "$link" >/dev/null 2>&1 || ip link delete "$link"
  done
  ip netns list 2>/dev/null | awk '/^cni-/ { print $1 }' | while IFS= read -r name; do ip netns delete "$name"; done
  # Where the host has no iptables, k3s brought its own.
  PATH=$PATH:$data_dir/data/current/bin:$data_dir/data/current/bin/aux
  for tables in iptables ip6tables; do
    command -v "$tables-save" >/dev/null || continue
    rules=$("$tables-save" 2>/dev/null) || continue # no such table in this kernel
    case $rules in
      *KUBE-* | *CNI-* | *[Ff]lannel* | *FLANNEL*) ;;
      *) continue ;;
    esac
    # A variable and not a file: half of the host's own rules must never be loaded for want of space.
    kept=$(printf '%s\n' "$rules" | grep -vE 'KUBE-|CNI-|[Ff]lannel|FLANNEL' || true)
    [ "$(printf '%s\n' "$kept" | grep -c '^COMMIT')" = "$(printf '%s\n' "$rules" | grep -c '^COMMIT')" ] ||
      fail "$node: the firewall's rules cannot be read whole; they are as they were. Run up again"
    printf '%s\n' "$kept" | "$tables-restore" || fail "$node: the firewall's rules of k3s cannot be taken out; see the line above"
  done
}

# Snapshots are the only way back to a cluster; the token opens them.
keep_snapshots() {
  taken=$data_dir/server/db/snapshots
  [ -n "$(ls -A "$taken" 2>/dev/null)" ] || return 0
  kept=$state_dir/snapshots/of-$node-$(date -u +%Y%m%d%H%M%S)
  { mkdir -p "$kept" && chmod 700 "$state_dir/snapshots" && cp -a "$taken/." "$kept/"; } ||
    { rm -rf "$kept" || true; fail "$node: the snapshots of etcd cannot be kept in $kept; make room there, or move $taken away, and run up again. They were not deleted"; }
  [ ! -e "$data_dir/server/token" ] || write_file "$kept/token" 600 <"$data_dir/server/token"
  say "kept the snapshots of etcd in $kept, for root only; remove them when nobody needs them"
}

delete_files() {
  unit_dir=/etc/systemd/system
  delete_given_files
  rm -rf "$unit_dir/k3s.service" "$unit_dir/k3s.service.d/10-interface.conf" "$unit_dir/k3s.service.d/90-leaving.conf" \
    "$unit_dir/k3s-agent.service" "$unit_dir/k3s-agent.service.d/10-interface.conf" \
    "$unit_dir/groundwork-interface.service" "$unit_dir/groundwork-vip.service" /run/systemd/system/k3s.service.d/leaving.conf
  rmdir_empty "$unit_dir/k3s.service.d" "$unit_dir/k3s-agent.service.d" /run/systemd/system/k3s.service.d
  unmask_swap
  systemctl daemon-reload
  systemctl reset-failed k3s k3s-agent groundwork-interface groundwork-vip 2>/dev/null || true # there may be nothing to reset
  for name in kubectl crictl ctr; do
    [ "$(readlink "/usr/local/bin/$name")" != k3s ] || rm -f "/usr/local/bin/$name"
  done
  for dir in $k3s_dirs /var/log/pods /var/log/containers; do empty_tree "$dir"; done
  rm -f /etc/rancher/k3s/config.yaml /etc/rancher/k3s/config.yaml.d/10-join.yaml /etc/rancher/k3s/token /etc/rancher/k3s/agent-token \
    /etc/rancher/k3s/k3s.yaml /etc/rancher/node/password /etc/cni/net.d/10-flannel.conflist /usr/local/bin/k3s /usr/local/bin/k3s.previous \
    /etc/resolv.k3s.conf /etc/sysctl.d/90-groundwork.conf /etc/modules-load.d/groundwork.conf \
    /usr/local/lib/groundwork/wait-interface /usr/local/lib/groundwork/watch-interface \
    /etc/groundwork/check-api /etc/groundwork/keepalived.conf /run/groundwork-drain.lock
  flex=/usr/libexec/kubernetes # Kubernetes makes it wherever it runs; one with a driver in it is somebody's
  rmdir_empty /usr/local/lib/groundwork /etc/groundwork /etc/rancher/k3s/config.yaml.d /etc/rancher/k3s /etc/rancher/node /etc/rancher /var/lib/rancher \
    "$flex/kubelet-plugins/volume/exec" "$flex/kubelet-plugins/volume" "$flex/kubelet-plugins" "$flex"
  [ "$(ls -A /root/.kube 2>/dev/null)" != cache ] || rm -rf /root/.kube # of releases before this one; a kubeconfig beside it would be root's own
  rm -rf /run/groundwork "$state_dir/upload" "$state_dir/previous" "$state_dir"/good* "$state_dir/restart-pending" "$state_dir/new-tokens" "$state_dir/rotating" "$state_dir/secrets-key" "$state_dir/rotate-ca" "$state_dir/k3s.installed" "$state_dir/leaving" \
    "$state_dir/swap-masked" "$state_dir"/.groundwork.??????
  rm -f "$mark"
  rmdir_empty "$state_dir/snapshots" "$state_dir"
}

# Empties a directory on its own file system, and removes it where nothing is mounted at it.
empty_tree() {
  real=$(readlink -f "$1") || return 0
  [ -d "$real" ] || { rm -f "$1"; return; }
  find "$real" -xdev -mindepth 1 -delete || fail "$node: $real cannot be emptied; see the lines above, and run up again"
  [ -L "$1" ] || rmdir "$real" 2>/dev/null || true # a disk of the user's own may be mounted there
}
rmdir_empty() { rmdir "$@" 2>/dev/null || true; } # whoever has put something there keeps it

unmask_swap() {
  [ -s "$state_dir/swap-masked" ] || return 0
  while IFS= read -r unit; do systemctl unmask "$unit" >/dev/null || warn "$node: $unit stays masked; see the line above"; done <"$state_dir/swap-masked"
}
