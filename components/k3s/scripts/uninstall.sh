# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked as test/components/k3s/snapshots
# Takes k3s and everything of ours off the host. Packages stay, and so does the data of volumes outside of k3s's directory.

uninstall() {
  doing='taking k3s off the host'
  for unit in groundwork-interface k3s k3s-agent; do
    [ ! -e "/etc/systemd/system/$unit.service" ] || systemctl disable --now -q "$unit" 2>/dev/null || true
  done
  stop_containers
  unmount_below /run/k3s /var/lib/kubelet/pods /var/lib/kubelet/plugins /run/netns/cni- /var/lib/rancher/k3s
  drop_network
  rm -rf /etc/systemd/system/k3s.service /etc/systemd/system/k3s.service.d /etc/systemd/system/k3s.service.env \
    /etc/systemd/system/k3s-agent.service /etc/systemd/system/k3s-agent.service.d /etc/systemd/system/k3s-agent.service.env \
    /etc/systemd/system/groundwork-interface.service /run/systemd/system/k3s.service.d
  systemctl daemon-reload
  systemctl reset-failed k3s k3s-agent groundwork-interface 2>/dev/null || true
  for name in kubectl crictl ctr; do
    [ "$(readlink "/usr/local/bin/$name")" != k3s ] || rm -f "/usr/local/bin/$name"
  done
  left=$(awk '{ print $2 }' /proc/mounts | grep -E '^(/var/lib/rancher/k3s|/var/lib/kubelet)/' || true)
  [ -z "$left" ] || fail "$node: still mounted, so nothing below was deleted: $left"
  rm -rf /etc/rancher /run/k3s /run/flannel /var/lib/rancher/k3s /var/lib/kubelet /var/lib/cni /etc/cni/net.d/10-flannel.conflist \
    /usr/local/bin/k3s /usr/local/bin/k3s.previous /etc/resolv.k3s.conf /etc/sysctl.d/90-groundwork.conf \
    /etc/modules-load.d/groundwork.conf /usr/local/lib/groundwork "$state_dir" /run/groundwork-drain.lock
  # Kubernetes makes the directory of its flex volumes wherever it runs; one with a driver in it is somebody's.
  flex=/usr/libexec/kubernetes
  rmdir /var/lib/rancher "$flex/kubelet-plugins/volume/exec" "$flex/kubelet-plugins/volume" "$flex/kubelet-plugins" "$flex" 2>/dev/null || true
  say "k3s is off $node"
}

# k3s leaves its containers running when it stops (KillMode=process), so each shim's tree is ended here.
stop_containers() {
  shims=$(pgrep -f '^/var/lib/rancher/k3s/data/[^/]*/bin/containerd-shim' || true)
  [ -z "$shims" ] || for pid in $shims; do kill_tree "$pid"; done
}

kill_tree() {
  for child in $(pgrep -P "$1" || true); do kill_tree "$child"; done
  kill -9 "$1" 2>/dev/null || true
}

unmount_below() {
  for prefix in "$@"; do
    awk -v prefix="$prefix" 'index($2, prefix) == 1 { print $2 }' /proc/mounts | sort -r | while IFS= read -r mounted; do
      umount -f "$mounted" 2>/dev/null || umount -l "$mounted" || true
    done
  done
}

drop_network() {
  command -v ip >/dev/null || return 0
  for link in cni0 flannel.1 flannel-v6.1 flannel-wg flannel-wg-v6 kube-ipvs0; do
    ! ip link show "$link" >/dev/null 2>&1 || ip link delete "$link"
  done
  ip netns list 2>/dev/null | awk '/^cni-/ { print $1 }' | while IFS= read -r name; do ip netns delete "$name" || true; done
  for tables in iptables ip6tables; do
    command -v "$tables-save" >/dev/null || continue
    rules=$("$tables-save" 2>/dev/null || true)
    case $rules in
      *KUBE-* | *CNI-* | *flannel* | *FLANNEL*) printf '%s\n' "$rules" | grep -vE 'KUBE-|CNI-|[Ff]lannel|FLANNEL' | "$tables-restore" ;;
    esac
  done
}
