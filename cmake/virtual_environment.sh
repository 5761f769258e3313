# To be sourced: virtual environments of Python, each made once.

# virtual_environment FOLDER WHAT [OPTION_OF_VENV...] -- [ARGUMENT_OF_PIP...] [-- ARGUMENT_OF_PIP...]: prints the folder of an
# environment with these packages; those of the second list are installed without what they depend on. The name is FOLDER and
# a digest of the packages, so that another list makes another environment. WHAT is said while they are fetched.
virtual_environment() {
  local folder=$1 what=$2 options=() with=() without=() argument before=
  shift 2
  while [ "$1" != -- ]; do options+=("$1"); shift; done
  shift
  while [ $# -gt 0 ] && [ "$1" != -- ]; do with+=("$1"); shift; done
  without=("${@:2}")
  folder+=-$(for argument in "${with[@]}" "${without[@]}"; do
    if [ "$before" = -r ]; then cat "$argument"; elif [ "$argument" != -r ]; then echo "$argument"; fi
    before=$argument
  done | sha256sum | cut -c1-12)
  if [ ! -e "$folder/.complete" ]; then
    printf '%s: fetching %s (once)\n' "$(basename "$0" .sh)" "$what" >&2
    mkdir -p "$(dirname "$folder")"
    rm -rf "$folder"
    /usr/bin/python3 -m venv "${options[@]}" "$folder" >&2 || return 1
    local pip=("$folder/bin/pip" install --quiet --disable-pip-version-check)
    [ ${#with[@]} -eq 0 ] || "${pip[@]}" "${with[@]}" >&2 || return 1
    [ ${#without[@]} -eq 0 ] || "${pip[@]}" --no-deps "${without[@]}" >&2 || return 1
    touch "$folder/.complete"
  fi
  printf '%s\n' "$folder"
}
