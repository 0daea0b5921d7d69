# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Archives of images that were uploaded, where k3s imports them from at its start (docs.k3s.io/installation/airgap). Each is checked before it
# gets its name there, which has a part of its sum: what has the name is whole.

ensure_images() {
  kept_images=''
  for image in ${images:-}; do
    image_name=groundwork-${image%=*}
    kept_images="$kept_images $image_name"
    [ -s "$images_dir/$image_name" ] || put_image "${image%=*}" "${image##*=}"
  done
  for there in "$images_dir"/groundwork-*; do
    [ -e "$there" ] || continue
    has_word "${there##*/}" "$kept_images" && continue
    must_restart
    rm -f "$there" || cannot_write "$there"
    note_change images
  done
}

# put_image NAME SUM
put_image() {
  [ -d "$images_dir" ] || mkdir -p "$images_dir" || cannot_write "$images_dir"
  rm -f "$images_dir"/.groundwork.?????? || cannot_write "$images_dir" # of a run that was cut off
  fresh=$(mktemp "$images_dir/.groundwork.XXXXXX") || cannot_write "$images_dir/$image_name"
  take_uploaded "$1" "$fresh"
  got=$(sum_of "$fresh")
  if [ "$got" != "$2" ]; then
    rm -f "$fresh" || true
    came_damaged "$1" "$got" "$2"
  fi
  { chmod 644 "$fresh" && flush "$fresh"; } || { rm -f "$fresh" || true; cannot_write "$images_dir/$image_name"; }
  must_restart
  mv -f "$fresh" "$images_dir/$image_name" || cannot_write "$images_dir/$image_name"
  note_change images
  rm -f "$upload_dir/$1" || cannot_write "$upload_dir/$1"
}
