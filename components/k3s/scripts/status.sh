# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# What is on the host now, a fact a line. It only asks.

status() {
  doing='looking at the host'
  read_mark
  say "owner=${mark_stack:+$mark_project/$mark_stack/$mark_node}"
  found_unit=''
  for each in k3s k3s-agent; do
    [ ! -e "/etc/systemd/system/$each.service" ] || found_unit=$each
  done
  say "unit=$found_unit"
  # is-active says the state and fails for all but one of them; without a word the question itself has failed.
  state=''
  [ -z "$found_unit" ] || state=$(systemctl is-active "$found_unit") || [ -n "$state" ] || fail "$node: systemd does not say how $found_unit is; see the line above"
  say "state=$state"
  installed=''
  if [ -x /usr/local/bin/k3s ]; then
    installed=$(/usr/local/bin/k3s --version) || fail "$node: /usr/local/bin/k3s does not say its version; see the line above"
    # k3s version v1.36.4+k3s1 (…)
    installed=${installed#k3s version }
    installed=${installed%% *}
  fi
  say "version=$installed"
}
