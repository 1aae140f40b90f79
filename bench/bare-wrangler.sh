#!/bin/sh
# Deploys by hand, without an orchestrator: runs wrangler deploy in the directory of the worker, and
# waits until the version URL serves the commit. The arguments are:
# $1 clone  $2 sha  $3 remote  $4 directory in the clone  $5 wrangler  $6 version URL
# The account and the token of Cloudflare are in the environment.
set -eu
cd "$1/$4"
"$5" deploy --tag "$2" --message bare >/dev/null </dev/null
until curl -s --noproxy '*' "$6" | grep -q "$2"; do sleep 0.02; done
