#!/bin/sh
# Rolls back by hand: links the previous release, restarts the service, and waits until the version
# URL serves this release. The arguments are:
# $1 sha  $2 user@host  $3 port  $4 key  $5 directory  $6 unit  $7 version URL
set -eu
ssh -q -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -i "$4" -p "$3" "$2" "set -e
ln -sfn releases/$1 $5/current.bare && mv -T $5/current.bare $5/current
systemctl restart $6"
until curl -s --noproxy '*' "$7" | grep -q "$1"; do sleep 0.02; done
