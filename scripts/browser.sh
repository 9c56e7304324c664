#!/bin/sh
# The end-to-end tests drive Chromium. Debian's package brings it where we may install packages; else say what is missing.
set -eu

command -v chromium > /dev/null && exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=
elif sudo -n true 2> /dev/null; then
    as_root=sudo
else
    echo "The end-to-end tests need Chromium: install it with 'sudo apt-get install chromium', then run make again." >&2
    exit 1
fi
command -v apt-get > /dev/null || { echo "The end-to-end tests need Chromium: install it, then run make again." >&2; exit 1; }

echo "Installing Chromium for the end-to-end tests"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q > /dev/null
$as_root apt-get install -q -y --no-install-recommends chromium fonts-dejavu-core > /dev/null
