# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Whether k3s runs well after a start, and why not.

# Sets active, life (the unit's invocation), pid and restarts, as systemd tells.
read_unit() {
  unit_facts=$(systemctl show -p ActiveState -p InvocationID -p MainPID -p NRestarts "$service") || return 1
  active=no life='' pid=0 restarts=0
  while IFS='=' read -r fact value; do
    case $fact in
      ActiveState) [ "$value" != active ] || active=yes ;;
      InvocationID) life=$value ;;
      MainPID) pid=$value ;;
      NRestarts) restarts=$value ;;
    esac
  done <<FACTS
$unit_facts
FACTS
}

# Restarts k3s and waits until it is well; sets healthy to yes or no.
start_k3s() {
  read_unit || fail "$node: systemd does not tell about $service; see the line above"
  life_before=$life life_first='' pid_seen='' pid_since=0
  restarts_most=0
  # A node that joins for the first time may find the others busy with etcd; one that ran before has no such excuse.
  [ "$fresh_host" = no ] || restarts_most=3
  # To the microsecond: what a start within the same second said before is not about this one.
  since=$(date '+%Y-%m-%d %H:%M:%S.%6N')
  systemctl reset-failed "$service" 2>/dev/null || true # there may be nothing to reset
  systemctl restart --no-block "$service" || fail "$node: $service cannot be started; see the line above"
  healthy=no
  # The interface wait of the unit is bounded and counts on top.
  if await $((start_timeout + interface_wait)) "k3s on $node" is_healthy; then healthy=yes; fi
}

# systemd calls a server active when its API is up, before the kubelet has begun; a kubelet that dies takes k3s with it some
# seconds later. So: not the process before, the kubelet listens, and the same process for ten seconds.
is_healthy() {
  read_unit || return 1
  [ "$life" != "$life_before" ] || return 1
  [ -n "$life_first" ] || life_first=$life
  [ "$restarts" -le "$restarts_most" ] || { await_over=yes; return 1; }
  ! is_hopeless || { await_over=yes; return 1; }
  read_uptime
  [ "$pid" = "$pid_seen" ] || { pid_seen=$pid pid_since=$uptime; }
  [ "$active" = yes ] && [ "$pid" != 0 ] && listens 10250 && [ $((uptime - pid_since)) -ge 10 ]
}

# Some failures do not mend themselves though the process goes on: waiting out the time limit would only hide them.
is_hopeless() { journal_of_start | grep -qiE "$hopeless"; }
hopeless='node password rejected|token CA hash does not match|critical configuration value mismatch|flag provided but not defined|not authorized|unable to find interface|different token'
reasons="$hopeless|panic: |level=fatal|failed to parse kubelet flag|failed to start ContainerManager|must share the same IP version|flannel exited|exec format error|no space left on device|read-only file system|address already in use"

# The lines of the first process of this start: those after it have only the consequences to tell.
journal_of_start() {
  if [ -n "$life_first" ]; then
    journalctl -q -o cat -u "$service" --since "$since" "_SYSTEMD_INVOCATION_ID=$life_first" 2>/dev/null
  else
    journalctl -q -o cat -u "$service" --since "$since" 2>/dev/null
  fi
}
# Sets reason, empty when no line is known, and shows the host's own lines.
show_journal() {
  need_scratch
  journal_of_start >"$scratch/journal" || warn "$node: the journal cannot be read"
  tail -n 20 "$scratch/journal" | cut -c 1-400 >&2
  reason=$(grep -m 1 -oiE "($reasons).*" "$scratch/journal" | cut -c 1-300)
  case $reason in
    *[Nn]ode\ password\ rejected*) reason="$reason. The cluster has a node $node on another machine; if that one is gone for good, set lost: true on the node, run up, and take lost out again; otherwise give this machine another name" ;;
  esac
}
