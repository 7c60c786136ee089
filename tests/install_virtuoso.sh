#!/usr/bin/env bash
# Installs Virtuoso 7 from the distribution's packages (Debian, Ubuntu), where it is not there yet; nothing is started.
set -euo pipefail
command -v virtuoso-t >/dev/null && command -v isql-vt >/dev/null && exit 0
if ! command -v apt-get >/dev/null; then
    echo "no apt-get here; install Virtuoso 7 so that virtuoso-t and isql-vt are found" >&2
    exit 1
fi
as_root=
if [ "$(id -u)" != 0 ]; then as_root="sudo"; fi
$as_root apt-get update -qq
# The package of binaries alone sets no password and starts no service.
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends virtuoso-opensource-7-bin
