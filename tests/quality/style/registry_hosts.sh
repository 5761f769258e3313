#!/usr/bin/env bash
# registry_hosts.sh ROOT: no file of ours names the host of a package registry. Packages come by their ordinary clients
# (apt-get, pip, npm, mvn, go), which a site points at its own mirror.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/sources.sh"
cd "$1"
# The brackets keep these patterns from finding themselves.
hosts='registry[.]np[m]js|registry[.]yarn[p]kg|pypi[.]or[g]|python[h]osted|repo1?[.]mave[n]|maven[.]apache[.]org/mave[n]2'
hosts+='|(index|static)[.]crate[s]|(proxy|sum)[.]gola[n]g|(deb|snapshot|security)[.]debia[n]'
if found=$(sources . '*' | xargs -0 grep -nIE "$hosts"); then
  printf 'a registry host must not stand in the tree; use the package client:\n%s\n' "$found"
  exit 1
fi
