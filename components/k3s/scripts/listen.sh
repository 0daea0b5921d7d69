# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# For the time of a probe, a host answers on the ports that k3s will have.

# listen: answers on the ports until it is ended, the connection is, or time is up. Says `listening PID`, `busy PORT` where somebody else
# listens (k3s itself, on a member), and `udp PORT NAME` for each node whose datagram came.
listen() {
  doing='listening for the other nodes'
  find_prober || fail "$node: $no_prober"
  case $prober_program in
    perl) exec perl -e "$perl_prober" listen "$nonce" "$listen_seconds" "$tcp_ports" "$udp_ports" ;;
    *) exec "$prober_program" -c "$python_prober" listen "$nonce" "$listen_seconds" "$tcp_ports" "$udp_ports" ;;
  esac
}
