# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# One verified k3s binary; the one before it stays beside it.

# The installed version and sum, as long as nobody touched the file since: hashing 70 MB on each run is not free.
installed_as_stamped() {
  [ -x "$binary" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$(stamp_text "$k3s_version" "$1")" ]
}
stamp_text() { printf '%s %s %s' "$1" "$2" "$(stat -c '%s.%Y.%i' "$binary")"; }
stamped_sum() { [ ! -e "$stamp" ] || awk -v version="$k3s_version" '$1 == version { print $2 }' "$stamp"; }

ensure_binary() {
  read_architecture
  case $arch in
    amd64) suffix='' pinned=$sha256_amd64 ;;
    arm64) suffix=-arm64 pinned=$sha256_arm64 ;;
    arm) suffix=-armhf pinned=$sha256_arm ;;
    *) fail "$node: there is no k3s for $(uname -m)" ;;
  esac
  # What was verified when it came is not asked for again.
  sum=${pinned:-$(stamped_sum)}
  if [ -z "$sum" ] || ! installed_as_stamped "$sum"; then
    release=$mirror/$(printf %s "$k3s_version" | sed 's/+/%2B/')
    case $mirror in file://*) release=$mirror/$k3s_version ;; esac
    case $mirror in http://*) [ -n "$pinned" ] || fail "$node: k3s.mirror is plain HTTP, where anybody between can change what comes; set k3s.sha256.$arch to the sum of k3s $k3s_version" ;; esac
    [ -n "$pinned" ] || read_released_sum
    if [ -x "$binary" ] && [ "$(sum_of "$binary")" = "$sum" ]; then
      write_stamp
    else
      install_binary
    fi
  fi
  for name in kubectl crictl ctr; do
    command -v "$name" >/dev/null || ln -s k3s "/usr/local/bin/$name" || cannot_write "/usr/local/bin/$name"
  done
}

sum_of() { sha256sum "$1" | cut -d ' ' -f 1; }
write_stamp() { stamp_text "$k3s_version" "$sum" | write_file "$stamp" 644; }

read_released_sum() {
  need_scratch
  download "$release/sha256sum-$arch.txt" "$scratch/sums"
  sum=$(awk -v name="k3s$suffix" '$2 == name || $2 == "*" name { print $1 }' "$scratch/sums")
  [ -n "$sum" ] || fail "$node: $release/sha256sum-$arch.txt has no line for k3s$suffix; correct k3s.mirror or k3s.version"
}

install_binary() {
  free_mib=$(df -Pm /usr/local/bin | awk 'NR == 2 { print $4 }')
  [ "$free_mib" -ge 200 ] || fail "$node: only $free_mib MiB are free on /usr/local/bin, and k3s $k3s_version beside the one that runs needs 200; make room there. Nothing was changed"
  fresh=$(mktemp /usr/local/bin/.k3s.XXXXXX) || cannot_write "$binary"
  if [ -n "${uploaded_k3s:-}" ]; then
    say "installing k3s $k3s_version as it was uploaded"
    take_uploaded "$uploaded_k3s" "$fresh"
  else
    say "downloading k3s $k3s_version from $mirror"
    download "$release/k3s$suffix" "$fresh"
  fi
  got=$(sum_of "$fresh")
  if [ "$got" != "$sum" ]; then
    rm -f "$fresh" || true
    [ -z "${uploaded_k3s:-}" ] || came_damaged "$uploaded_k3s" "$got" "$sum"
    fail "$node: k3s $k3s_version from $mirror has the SHA-256 $got, expected $sum; nothing was installed"
  fi
  { chmod 755 "$fresh" && flush "$fresh"; } || { rm -f "$fresh" || true; cannot_write "$binary"; }
  [ -z "${uploaded_k3s:-}" ] || check_uploaded_version
  snapshot_before_version
  # What an earlier run could not start is no version to go back to.
  if [ -e "$binary" ] && { [ ! -e "$pending" ] || [ "$(version_of "$binary")" = "$(cat "$good/version" 2>/dev/null)" ]; }; then
    ln -f "$binary" "$binary.previous" || cannot_write "$binary.previous"
  fi
  must_restart
  mv -f "$fresh" "$binary" || cannot_write "$binary"
  label_binary
  write_stamp
  note_change version
}

# No release's sum says so where nobody pinned one: the operator may have named a file of another version.
check_uploaded_version() {
  came=$(version_of "$fresh")
  [ "$came" != "$k3s_version" ] || return 0
  rm -f "$fresh" || true
  fail "$node: what was uploaded as k3s says that it is ${came:-no k3s}, expected $k3s_version; name the file of that version in k3s.upload.binary, or set k3s.version to the file's. Nothing was installed"
}

# Only over TLS, redirects too, unless the mirror itself is plain HTTP: the settings then ask for k3s.sha256.
download() {
  case $1 in
    file://*) cp "${1#file://}" "$2" || { rm -f "$2" || true; fail "$node: ${1#file://} cannot be read on this host, or $2 cannot be written; put k3s's release there, or correct k3s.mirror"; } ;;
    *)
      tls='--proto =https --tlsv1.2'
      case $1 in http://*) tls='' ;; esac
      proxy_for "$1"
      if command -v curl >/dev/null; then
        # shellcheck disable=SC2086 # words
        curl ${proxy_config:+-K "$proxy_config"} -fsSL $tls --connect-timeout 15 --max-time 900 --retry 3 -o "$2" "$1"
      elif command -v wget >/dev/null; then
        # GNU wget can be told to follow redirects over TLS only; busybox's cannot.
        tls=''
        case $1 in https://*) ! wget --version 2>/dev/null | grep -q GNU || tls='--https-only --secure-protocol=TLSv1_2' ;; esac
        [ -z "$proxy_config" ] || { WGETRC=$proxy_config && export WGETRC; }
        # shellcheck disable=SC2086 # words
        (
          [ -z "$proxy_config" ] || export WGETRC="$proxy_config"
          wget -q $tls -T 60 -t 3 -O "$2" "$1"
        )
      else
        fail "$node: neither curl nor wget is installed; install one of them"
      fi || { rm -f "$2" || true; fail "$node: cannot download $1; see k3s.mirror and k3s.version"; }
      ;;
  esac
}
