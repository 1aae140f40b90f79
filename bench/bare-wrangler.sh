#!/bin/sh
# What a person does without an orchestrator: wrangler deploy in the worker's directory, then see it served.
# $1 clone  $2 sha  $3 remote  $4 directory in it  $5 wrangler  $6 version URL; its account and token are in the environment
set -eu
cd "$1/$4"
"$5" deploy --tag "$2" --message bare >/dev/null </dev/null
until curl -s --noproxy '*' "$6" | grep -q "$2"; do sleep 0.02; done
