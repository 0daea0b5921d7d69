# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Other certificate authorities for the cluster, asked for by a person, as k3s has it (docs.k3s.io/cli/certificate; k3s-io/k3s
# pkg/server/handlers/cert.go, and contrib/util/rotate-default-ca-certs.sh for what the files have to be). One server makes them and has
# k3s check and store them; each server has them from its next start on. A run that was cut off is gone on with.

ca_dir=$state_dir/rotate-ca   # what k3s is given, with the roots' keys; for root only
ca_stage=$ca_dir/made         # once all of it is there: ca_next and ca_pin
ca_kinds='client server request-header etcd/server etcd/peer'
ca_days=7300
nodes_here='' strangers=''

look_at_server() {
  say "openssl=$(command -v openssl >/dev/null && echo yes || echo no)"
  say "begun=$([ -s "$ca_stage" ] && echo yes || echo no)"
  find_strangers
  say "strangers=$strangers"
  if await 65 "the API on $node" api_answers; then
    ask nodes_here kube get nodes -o jsonpath='{range .items[*]}{.metadata.name}|{.status.conditions[?(@.type=="Ready")].status}|{.status.conditions[?(@.type=="EtcdIsVoter")].status} {end}'
    say "nodes=$nodes_here"
  fi
}

# find_strangers: sets strangers to the authorities that k3s did not make itself: their roots are somebody else's, and so are the roots'
# keys. What k3s made is alone in its file; what a rotation made is followed by its root.
find_strangers() {
  strangers=''
  command -v openssl >/dev/null || return 0
  for kind in $ca_kinds; do
    read_root "$data_dir/server/tls/$kind-ca"
    is_own_root || strangers="${strangers:+$strangers }$kind"
  done
}
# read_root BASE: sets root_at, its place in its files, and root_subject and root_issuer, empty where there is none.
read_root() {
  root_at=1 root_subject='' root_issuer=''
  [ -s "$1.crt" ] || return 0
  [ "$(grep -c 'BEGIN CERTIFICATE' "$1.crt")" -le 1 ] || root_at=2
  root_subject=$(pem_block CERTIFICATE "$root_at" "$1.crt" | openssl x509 -noout -subject -nameopt RFC2253 2>/dev/null) || root_subject=''
  root_issuer=$(pem_block CERTIFICATE "$root_at" "$1.crt" | openssl x509 -noout -issuer -nameopt RFC2253 2>/dev/null) || root_issuer=''
}
is_own_root() {
  [ "${root_subject#subject=}" = "${root_issuer#issuer=}" ] &&
    printf '%s\n' "$root_subject" | grep -qE '^subject=CN=(k3s-(client|server|request-header)-ca|etcd-(server|peer)-ca|k3s-(client|server|request-header|etcd-server|etcd-peer)-root)@[0-9]+$'
}
# pem_block KIND N FILE
pem_block() {
  awk -v kind="$1-----" -v want="$2" '/^-----BEGIN / { inside = index($0, kind) > 0; if (inside) count++ } inside && count == want { print } /^-----END / { inside = 0 }' "$3"
}

# make_ca: on the one server. Tells ca_next and ca_pin.
make_ca() {
  doing='making new certificate authorities'
  begin_turn rotate-ca
  if [ -s "$ca_stage" ]; then
    say 'a rotation of the authorities was cut off: going on with it'
  else
    begin_rotation
  fi
  read_stage
  say "next=$ca_next"
  say "pin=$ca_pin"
}
read_stage() {
  read -r ca_next ca_pin <"$ca_stage" || fail "$node: $ca_stage cannot be read; see the line above"
}

# Whatever keeps a node from taking up the new ones is to be known before there are any.
begin_rotation() {
  await 65 "the API on $node" api_answers || fail "$node: its API does not answer; nothing was changed. See 'journalctl -u k3s' there, and bring it back first"
  check_servers_well
  command -v openssl >/dev/null || fail "$node: openssl is not here, which makes the new authorities; nothing was changed. Install the package openssl"
  find_strangers
  [ -z "$strangers" ] || fail "$node: these authorities are not k3s's own: $strangers; nothing was changed. Rotate them with the root that they are from (docs.k3s.io/cli/certificate)"
  say 'saving a snapshot of etcd before the authorities change'
  save_snapshot "rotate-ca-$(date -u +%Y%m%d%H%M%S)"
  forget_old_snapshots rotate-ca
  make_authorities
}

make_authorities() {
  need_scratch
  umask 077
  { rm -rf "$ca_dir" && mkdir -p "$ca_dir/tls/etcd" "$ca_dir/work"; } || cannot_write "$ca_dir"
  write_file "$ca_dir/work/openssl.cnf" 600 <<'CONFIG'
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, digitalSignature, keyEncipherment, keyCertSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
CONFIG
  made_at=$(date +%s)
  for kind in $ca_kinds; do make_authority "$kind"; done
  make_service_key
  ca_next=$(sha256sum <"$ca_dir/tls/server-ca.crt")
  pem_block CERTIFICATE 2 "$ca_dir/tls/server-ca.crt" >"$ca_dir/work/root.pem"
  ossl x509 -in "$ca_dir/work/root.pem" -outform DER -out "$ca_dir/work/root.der"
  ossl x509 -in "$ca_dir/work/root.der" -inform DER -noout
  ca_pin=$(sha256sum <"$ca_dir/work/root.der")
  rm -rf "$ca_dir/work" || cannot_write "$ca_dir/work"
  find "$ca_dir" -type f -exec sync {} + || cannot_write "$ca_dir"
  printf '%s %s\n' "${ca_next%% *}" "${ca_pin%% *}" | write_file "$ca_stage" 600
}

# make_authority KIND: an authority below a new root, which signs itself and is signed by the root of before as well: whoever trusts
# either trusts what it gives. Their keys are in the order in which k3s and the next rotation look for them.
make_authority() {
  work=$ca_dir/work
  before=$data_dir/server/tls/$1-ca
  name=k3s-$(printf %s "$1" | tr / -)
  read_root "$before"
  pem_block CERTIFICATE "$root_at" "$before.crt" >"$work/before.pem"
  pem_block 'PRIVATE KEY' "$root_at" "$before.key" >"$work/before.key"
  make_request root "$name-root"
  make_request ca "$name-ca"
  sign root root -signkey "$work/root.key"
  sign root crossed -CA "$work/before.pem" -CAkey "$work/before.key"
  sign ca ca -CA "$work/root.pem" -CAkey "$work/root.key"
  cat "$work/ca.pem" "$work/root.pem" "$work/crossed.pem" "$work/before.pem" >"$ca_dir/tls/$1-ca.crt"
  cat "$work/ca.key" "$work/root.key" >"$ca_dir/tls/$1-ca.key"
}
# make_request BASE NAME: a key, and what is to be signed.
make_request() {
  ossl ecparam -name prime256v1 -genkey -noout -out "$work/$1.key"
  ossl req -new -sha256 -config "$work/openssl.cnf" -key "$work/$1.key" -subj "/CN=$2@$made_at" -out "$work/$1.csr"
}
# sign BASE AS BY…
sign() {
  sign_base=$1 sign_as=$2
  shift 2
  ossl rand -hex -out "$work/serial" 8
  serial=$(cat "$work/serial")
  ossl x509 -req -sha256 -days "$ca_days" -in "$work/$sign_base.csr" -extfile "$work/openssl.cnf" -extensions authority -set_serial "0x$serial" "$@" -out "$work/$sign_as.pem"
  ossl x509 -in "$work/$sign_as.pem" -noout
}
# What it has made is to be read by another call of it: on a full disk it ends well, and its file is cut off.
ossl() {
  OPENSSL_CONF=/dev/null openssl "$@" 2>"$scratch/openssl" ||
    fail "$node: 'openssl $1' failed: $(tail -n 1 "$scratch/openssl" | cut -c 1-300); nothing was changed. Mend that, and run this again"
}

# The new key signs the tokens of service accounts; those that the ones before signed stay good.
make_service_key() {
  service_key_as=-traditional
  case $(openssl version) in 'OpenSSL 1.'* | LibreSSL*) service_key_as='' ;; esac
  # shellcheck disable=SC2086 # one word or none
  ossl genrsa $service_key_as -out "$ca_dir/work/service.key" 2048
  ossl pkey -in "$ca_dir/work/service.key" -noout
  cat "$ca_dir/work/service.key" "$data_dir/server/tls/service.key" >"$ca_dir/tls/service.key"
}

# store_ca: when all hosts expect them. k3s checks them against those that it has, and stores them in etcd's data.
store_ca() {
  doing='having k3s take the new authorities'
  begin_turn rotate-ca
  [ -s "$ca_stage" ] || fail "$node: no new authorities were made here; run this again"
  read_stage
  here=$(cluster_here)
  if [ "$here" = "$ca_next" ]; then
    say 'k3s has stored them already'
    return
  fi
  await 65 "the API on $node" api_answers || fail "$node: its API does not answer; see 'journalctl -u k3s' there, bring it back, and run this again"
  check_servers_well
  say 'having k3s check the new authorities and store them'
  ask_k3s certificate rotate-ca --server "https://127.0.0.1:$api_port" --path "$ca_dir" || refused_ca
}
refused_ca() {
  case $asked_why in
    *'failed to validate'* | *'No help topic'*)
      rm -rf "$ca_dir" || cannot_write "$ca_dir"
      fail "$node: k3s does not take the new authorities: $asked_why; those before are in use, and nothing was changed"
      ;;
  esac
  fail "$node: k3s does not say that it has stored the new authorities: $asked_why; see 'journalctl -u k3s' there, and run this again, before k3s restarts anywhere"
}

take_up_on_server() {
  await_api || fail "$node: no server's API answers; see 'journalctl -u k3s' on the servers, bring them back, and run this again"
  pin_file /etc/rancher/k3s/token
  pin_file /etc/rancher/k3s/agent-token
  if has_new_ca && systemctl is-active -q k3s; then
    await_back 'the new authorities' is_back_with_ca
  else
    restart_in_turn 'the new authorities' is_back_with_ca
  fi
  end_turn
}
is_back_with_ca() {
  has_new_ca || return 1
  state=$(kube get node "$node" -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}|{.status.conditions[?(@.type=="EtcdIsVoter")].status}' 2>/dev/null) || return 1
  [ "$state" = 'True|True' ]
}

# await_agent: on a server, after k3s has restarted on the agent $node: a word of its kubelet from after that.
await_agent() {
  doing='waiting for the agent'
  begin_turn restart
  await_api || fail "$node: no server's API answers; see 'journalctl -u k3s' on the servers, bring them back, and run this again"
  ask beat_before kube get lease "$node" -n kube-node-lease --ignore-not-found -o jsonpath='{.spec.renewTime}'
  await "$ready_timeout" "$node to be Ready" is_back ||
    fail "$node: not Ready with the new authorities after $ready_timeout s; see 'journalctl -u k3s-agent' there, and run this again. No other agent was restarted"
  say "$node is Ready"
}

# finish_ca: on the one server, when all hosts have them.
finish_ca() {
  doing='forgetting what was made for the rotation'
  begin_turn rotate-ca
  rm -rf "$ca_dir" || cannot_write "$ca_dir"
  say 'all nodes have the new authorities'
}
