# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# firewalld, ufw and SELinux: what they would keep from k3s. Rules of ours stand in a list, and are the only ones that are taken away.

firewall_list=$state_dir/firewall   # a line each: TOOL KIND VALUE, where KIND is `source` (all from there) or `port`

# Sets firewall to the one that is active here, or to nothing.
find_firewall() {
  firewall=''
  if command -v firewall-cmd >/dev/null && systemctl is-active -q firewalld; then
    firewall=firewalld
  elif command -v ufw >/dev/null && grep -qs '^ENABLED=yes' /etc/ufw/ufw.conf; then
    firewall=ufw
  fi
}

# The rules that k3s asks for (docs.k3s.io/installation/requirements): the API on servers, and everything from pods and services.
check_firewall() {
  find_firewall
  [ -n "$firewall" ] && [ "$open_firewall" = no ] || return 0
  closed='' commands=''
  each_wanted_rule note_closed
  [ -z "$closed" ] ||
    warn "$node: $firewall is active here, and k3s needs more than it lets in: $closed, and between the nodes $node_ports. Set network.openFirewall: true, or run for all of them as for these: $commands"
}
note_closed() {
  ! has_rule "$1" "$2" || return 0
  closed="${closed:+$closed, }$2"
  case $firewall:$1 in
    firewalld:source) command="firewall-cmd --permanent --zone=trusted --add-source=$2 && firewall-cmd --zone=trusted --add-source=$2" ;;
    firewalld:port) command="firewall-cmd --permanent --add-port=$2 && firewall-cmd --add-port=$2" ;;
    ufw:source) command="ufw allow from $2" ;;
    ufw:port) command="ufw allow $2" ;;
  esac
  commands="${commands:+$commands; }$command"
}

# each_wanted_rule FUNCTION: calls it with KIND and VALUE.
each_wanted_rule() {
  for value in $open_sources; do "$1" source "$value"; done
  for value in $open_ports; do "$1" port "$value"; done
}

# has_rule KIND VALUE: whether it counts, now and after a reboot. A question that fails is no rule.
has_rule() {
  case $firewall:$1 in
    firewalld:source) firewall-cmd -q --permanent --zone=trusted --query-source="$2" && firewall-cmd -q --zone=trusted --query-source="$2" ;;
    firewalld:port) firewall-cmd -q --permanent --query-port="$2" && firewall-cmd -q --query-port="$2" ;;
    ufw:source) ufw show added | grep -qxF "ufw allow from $2" ;;
    ufw:port) ufw show added | grep -qxF "ufw allow $2" ;;
  esac
} 2>/dev/null

# ensure_firewall: with openFirewall what is wanted is let in, and what an earlier run let in and is not wanted any more is not.
ensure_firewall() {
  read_firewall_list
  [ "$open_firewall" = yes ] || { close_firewall; return; }
  find_firewall
  [ -z "$firewall" ] || each_wanted_rule let_in
  close_firewall
}
let_in() {
  ! has_rule "$1" "$2" || return 0
  # Written down first: a run that is cut off leaves no rule that nobody knows.
  case $firewall_lines in
    *"$firewall $1 $2
"*) ;;
    *)
      firewall_lines="$firewall_lines$firewall $1 $2
"
      printf %s "$firewall_lines" | write_file "$firewall_list" 644
      ;;
  esac
  change_rule add "$firewall" "$1" "$2" || fail "$node: $firewall does not let $2 in; see the line above, mend it, and run up again"
  say "$firewall lets $2 in"
  note_change firewall
}

# change_rule add|remove TOOL KIND VALUE. No reload: that would take what others put into the running rules only.
change_rule() {
  case $2:$3 in
    firewalld:source) firewall-cmd -q --permanent --zone=trusted "--$1-source=$4" && firewall-cmd -q --zone=trusted "--$1-source=$4" ;;
    firewalld:port) firewall-cmd -q --permanent "--$1-port=$4" && firewall-cmd -q "--$1-port=$4" ;;
    ufw:source) if [ "$1" = add ]; then ufw allow from "$4"; else ufw --force delete allow from "$4"; fi >/dev/null ;;
    ufw:port) if [ "$1" = add ]; then ufw allow "$4"; else ufw --force delete allow "$4"; fi >/dev/null ;;
  esac
}

read_firewall_list() {
  firewall_lines=''
  [ -s "$firewall_list" ] || return 0
  firewall_lines="$(cat "$firewall_list")
" || fail "$node: $firewall_list cannot be read; see the line above"
}

# close_firewall: rules of the list that are not wanted go; a firewall that is gone has none.
close_firewall() {
  [ -n "$firewall_lines" ] || return 0
  kept_rules=''
  while read -r tool kind value; do
    [ -n "$tool" ] || continue
    if [ "$open_firewall" = yes ] && { has_word "$value" "$open_sources" || has_word "$value" "$open_ports"; }; then
      kept_rules="$kept_rules$tool $kind $value
"
      continue
    fi
    program=$tool
    [ "$tool" = ufw ] || program='firewall-cmd'
    if command -v "$program" >/dev/null; then
      # Somebody may have taken it away already.
      change_rule remove "$tool" "$kind" "$value" || warn "$node: $tool still lets $value in; see the line above"
      say "$tool lets $value in no more"
    fi
    note_change firewall
  done <<LINES
$firewall_lines
LINES
  if [ -z "$kept_rules" ]; then
    rm -f "$firewall_list" || cannot_write "$firewall_list"
  elif [ "$kept_rules" != "$firewall_lines" ]; then
    printf %s "$kept_rules" | write_file "$firewall_list" 644
  fi
}

# As k3s's own installer has it: without its policy, an enforcing host keeps containers from what they need.
check_selinux() {
  enforcing=0
  [ ! -e /sys/fs/selinux/enforce ] || read -r enforcing </sys/fs/selinux/enforce || true # it has no newline at its end
  [ ! -s /usr/share/selinux/packages/k3s.pp ] || return 0
  if [ "$enforcing" = 1 ]; then
    problem "SELinux is enforcing here, and k3s's policy is not installed; install the packages container-selinux and k3s-selinux (docs.k3s.io/advanced, SELinux Support)"
  elif [ "$selinux" = yes ]; then
    problem "k3s is to work with SELinux (selinux: true), and its policy is not installed; install the packages container-selinux and k3s-selinux, or take the setting out"
  fi
}

# A program that was downloaded beside k3s's place has the label of that place, and not the one of the policy.
label_binary() {
  [ -s /usr/share/selinux/packages/k3s.pp ] && command -v restorecon >/dev/null || return 0
  restorecon "$binary" || warn "$node: $binary does not get its SELinux label; see the line above"
}
