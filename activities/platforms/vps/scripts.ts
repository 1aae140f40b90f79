/** Exit codes of our own, far from those of the tools. */
export const exits = {
  locked: 75,
  noSuchCommit: 80,
  prepareFailed: 81,
  prepareTimedOut: 82,
  noSuchRelease: 83,
  currentIsDirectory: 84,
  noLockTool: 85,
} as const;

const head = `set -eu
LC_ALL=C; export LC_ALL
directory=$1
`;

/** `look` asks systemd once; `fact` and `running` read what it said. */
const unit = `unit=$2
if [ "$3" = sudo ]; then sudo='sudo -n'; else sudo=''; fi
look() {
  facts=$(systemctl show "$unit" -p LoadState,ActiveState,SubState,MainPID,NRestarts \\
    -p InvocationID,Result,ExecMainStatus) || :
}
fact() { printf '%s\\n' "$facts" | sed -n "s/^$1=//p"; }
running() {
  pid=$(fact MainPID)
  [ "\${pid:-0}" != 0 ] || return 0
  readlink "/proc/$pid/cwd" 2>/dev/null || $sudo readlink "/proc/$pid/cwd" 2>/dev/null || :
}
look
`;

/** Held until the script ends, by whatever death. */
const lock = `mkdir -p "$directory/releases"
command -v flock >/dev/null || exit ${exits.noLockTool}
exec 9>"$directory/.plimsoll.lock"
flock -n 9 || exit ${exits.locked}
`;

/** directory, sha, repository, prepare, seconds */
const stage = `${head}sha=$2 repository=$3 prepare=$4 seconds=$5
release=$directory/releases/$sha
${lock}if [ -f "$release.ready" ] && [ -d "$release" ]; then echo staged=already; exit 0; fi
GIT_TERMINAL_PROMPT=0 GIT_SSH_COMMAND='ssh -o BatchMode=yes'
export GIT_TERMINAL_PROMPT GIT_SSH_COMMAND
git init --quiet --bare "$directory/repo.git"
repo() { git --git-dir="$directory/repo.git" "$@" 9>&-; }
has() { repo cat-file -e "$sha^{commit}" 2>/dev/null; }
fetch() { repo fetch --quiet --no-tags --end-of-options "$repository" "$1"; }
has || fetch '+refs/heads/*:refs/remotes/origin/*'
has || fetch "$sha" || exit ${exits.noSuchCommit}
rm -rf "$release" "$release.ready" "$release.log"
repo worktree prune
repo worktree add --quiet --force --detach "$release" --end-of-options "$sha" >&2
if [ -n "$prepare" ]; then
  cd "$release"
  code=0
  timeout --kill-after=5 "$seconds" sh -c "$prepare" >"$release.log" 2>&1 9>&- || code=$?
  if [ "$code" != 0 ]; then
    tail -c 4000 "$release.log"
    case $code in 124|137) exit ${exits.prepareTimedOut};; *) exit ${exits.prepareFailed};; esac
  fi
fi
: >"$release.ready"
echo staged=done
`;

/** directory, unit, sudo, sha */
const switchTo = `${head}${unit}sha=$4
release=releases/$sha
${lock}cd "$directory"
[ -f "$release.ready" ] && [ -d "$release" ] || exit ${exits.noSuchRelease}
if [ -e current ] && [ ! -L current ]; then exit ${exits.currentIsDirectory}; fi
echo "before=$(fact InvocationID)"
if [ "$(readlink current || :)" = "$release" ]; then echo switched=already; exit 0; fi
rm -f .current.new
ln -s "$release" .current.new
mv -T .current.new current
[ "$(readlink current)" = "$release" ]
echo switched=done
`;

/**
 * directory, unit, sudo, sha, before. reset-failed: a release that crashed at start has used up
 * the start limit.
 */
const restart = `${head}${unit}sha=$4 before=$5
${lock}now=$(fact InvocationID)
if [ "$now" != "$before" ] && [ "$(running)" = "$(readlink -f "$directory")/releases/$sha" ]; then
  echo restarted=already
else
  $sudo systemctl reset-failed "$unit" 9>&- 2>/dev/null || :
  code=0
  $sudo systemctl restart "$unit" 9>&- || code=$?
  echo "exit=$code"
  echo restarted=done
  look
fi
printf '%s\\n' "$facts"
`;

/** directory, unit, sudo, health. Prints Key=Value lines; an unanswered question stays empty. */
const inspect = `${head}${unit}health=$4
echo "current=$(readlink "$directory/current" 2>/dev/null || :)"
printf '%s\\n' "$facts"
cwd=$(running)
echo "cwd=$cwd"
pid=$(fact MainPID)
if [ "\${pid:-0}" != 0 ] && [ -r "/proc/$pid/stat" ]; then
  started=$(sed 's/.*) //' "/proc/$pid/stat" | cut -d' ' -f20)
  echo "age=$(awk -v s="$started" '{print int($1 - s / 100)}' /proc/uptime)"
fi
[ -n "$health" ] || exit 0
status=000
if command -v curl >/dev/null; then
  status=$(curl -q -s -o /dev/null -w '%{http_code}' -m 5 --noproxy '*' --url "$health") || :
  by=curl
elif command -v wget >/dev/null; then
  code=0
  timeout 6 wget -q -O /dev/null -T 5 "$health" >/dev/null 2>&1 || code=$?
  case $code in 0) status=200;; 8) status=error;; *) status=000;; esac
  by=wget
elif command -v node >/dev/null; then
  status=$(node -e 'const signal = AbortSignal.timeout(5000);
fetch(process.argv[1], { signal, redirect: "manual" })
  .then((r) => console.log(r.status), () => console.log("000"))' "$health")
  by=node
else
  by=none
fi
echo "by=$by"
echo "health=$status"
case $status in 2*) exit 0;; esac
[ "\${pid:-0}" != 0 ] || exit 0
for it in $pid $(cat "/proc/$pid/task/"*/children 2>/dev/null || :); do
  ls -l "/proc/$it/fd" 2>/dev/null || $sudo ls -l "/proc/$it/fd" 2>/dev/null || :
done | sed -n 's/.*socket:\\[\\([0-9]*\\)\\].*/\\1/p' | {
  inodes=" $(tr '\\n' ' ')"
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v inodes="$inodes" \\
    '$4 == "0A" && index(inodes, " " $10 " ") { split($2, at, ":"); print "listens=" at[2] }'
}
`;

/** directory, unit, sudo, newest to keep, shas… Never what is linked, running or named. */
const prune = `${head}${unit}newest=$4
shift 4
${lock}current=$(readlink "$directory/current" 2>/dev/null || :)
cwd=$(running)
keep=" $* \${current##*/} \${cwd##*/} "
cd "$directory/releases"
count=0
for ready in $(ls -t 2>/dev/null | grep -E '^[0-9a-f]{40}\\.ready$' || :); do
  count=$((count + 1))
  if [ "$count" -le "$newest" ]; then keep="$keep\${ready%.ready} "; fi
done
for sha in $(ls | grep -E '^[0-9a-f]{40}(\\.ready|\\.log)?$' | cut -c1-40 | sort -u); do
  case $keep in *" $sha "*) continue;; esac
  rm -f "$sha.ready"
  rm -rf "$sha" "$sha.log"
  echo "removed=$sha"
done
if [ -d "$directory/repo.git" ]; then git --git-dir="$directory/repo.git" worktree prune; fi
`;

/** directory, unit, sudo: prepared releases, newest first. */
const releases = `${head}cd "$directory/releases" 2>/dev/null || exit 0
ls -t | grep -E '^[0-9a-f]{40}\\.ready$' | cut -c1-40 | sed 's/^/release=/' || :
`;

/** directory, unit, sudo, lines */
const journal = `${head}${unit}$sudo journalctl -u "$unit" --no-pager -o cat -n "$4" 2>/dev/null \\
  || journalctl -u "$unit" --no-pager -o cat -n "$4"
`;

export const scripts = { stage, switch: switchTo, restart, inspect, prune, releases, journal };
