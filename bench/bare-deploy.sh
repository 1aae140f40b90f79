#!/bin/sh
# Deploys by hand, without an orchestrator. It pushes the commit. Then one ssh command fetches the
# commit on the host, links the release and restarts the service. The arguments are:
# $1 clone  $2 sha  $3 remote  $4 user@host  $5 port  $6 key  $7 directory  $8 unit  $9 version URL
set -eu
git -C "$1" push --quiet --force "$3" "$2:refs/heads/main"
ssh -q -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -i "$6" -p "$5" "$4" "set -e
git -C $7/repo.git fetch --quiet $3 main
git -C $7/repo.git worktree add --quiet --force --detach $7/releases/$2 $2
ln -sfn releases/$2 $7/current.bare && mv -T $7/current.bare $7/current
systemctl restart $8"
until curl -s --noproxy '*' "$9" | grep -q "$2"; do sleep 0.02; done
