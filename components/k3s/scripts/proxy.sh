# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Downloads go through the proxy that k3s is given. Its password is in no argument and in no environment.

# proxy_for URL: sets proxy_config to a file for curl or wget that names the proxy; empty where there is none. The variables wait where
# the step before has put them, because k3s's own file comes after the download.
proxy_for() {
  proxy_config=''
  variables=$secrets_dir/etc/systemd/system/$service.env
  [ -e "$variables" ] || return 0
  case $1 in
    https://*) proxy=$(variable_of HTTPS_PROXY) ;;
    *) proxy=$(variable_of HTTP_PROXY) ;;
  esac
  [ -n "$proxy" ] || return 0
  direct=$(variable_of NO_PROXY | tr -s ' ' ',')
  need_scratch
  proxy_config=$scratch/proxy
  if command -v curl >/dev/null; then
    printf 'proxy = "%s"\nnoproxy = "%s"\n' "$(printf %s "$proxy" | curl_text)" "$(printf %s "$direct" | curl_text)" >"$proxy_config" || cannot_write "$proxy_config"
  else
    wget --version 2>/dev/null | grep -q GNU ||
      fail "$node: k3s.environment names a proxy, and the wget that is here cannot be told of one without showing its password; install curl"
    printf 'use_proxy = on\nhttp_proxy = %s\nhttps_proxy = %s\nno_proxy = %s\n' "$proxy" "$proxy" "$direct" >"$proxy_config" || cannot_write "$proxy_config"
  fi
}
curl_text() { sed 's/[\\"]/\\&/g'; }
# variable_of NAME: as systemd reads it.
variable_of() { sed -n "s/^$1=\"\(.*\)\"\$/\1/p" "$variables" | sed 's/\\\(.\)/\1/g'; }
