#!/bin/sh
# check-api: whether this server's API is ready. keepalived asks every second; a server that fails twice hands the virtual IP on.
set -eu
tls=/var/lib/rancher/k3s/server/tls
kubeconfig=/etc/rancher/k3s/k3s.yaml
if command -v curl >/dev/null; then
  server=$(sed -n 's/^ *server: //p' "$kubeconfig")
  exec curl -fsS -o /dev/null --max-time 5 --cacert "$tls/server-ca.crt" --cert "$tls/client-admin.crt" --key "$tls/client-admin.key" "$server/readyz"
fi
exec /usr/local/bin/k3s kubectl --kubeconfig "$kubeconfig" --request-timeout=5s get --raw /readyz
