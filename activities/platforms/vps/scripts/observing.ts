/**
 * The first part of the script of `inspect`. It prints the host's clock, the installed release, the state of the
 * service, and whether the host has flock and free space for a deploy.
 */
const place = `health=$1
echo "clock=$(date +%s)"
read_state
echo "current=$(current)"
printf '%s\\n' "$facts"
echo "cwd=$(running)"
if command -v flock >/dev/null; then echo lock=yes; else echo lock=no; fi
at=$directory
while [ -n "$at" ] && [ ! -e "$at" ]; do at=\${at%/*}; done
echo "free=$(df -Pk "\${at:-/}" 2>/dev/null | awk 'NR == 2 { print int($4 / 1024) }')"
foreign=''
link=$(current)
if ! is_tree "\${link#releases/}"; then
  if [ -n "$link" ]; then foreign=$(readlink -f "$directory/current" || :)
  elif [ -e "$served" ] && [ "$served" != "$directory" ]; then foreign=$served
  elif up; then foreign=$(running); foreign=\${foreign:-$unit}
  fi
fi
if [ -n "$foreign" ]; then
  echo "foreign=$foreign"
  echo "foreignsha=$(git -c safe.directory='*' -C "$foreign" rev-parse HEAD 2>/dev/null || :)"
fi
pid=$(fact MainPID)
if [ "\${pid:-0}" != 0 ] && [ -r "/proc/$pid/stat" ]; then
  started=$(sed 's/.*) //' "/proc/$pid/stat" | cut -d' ' -f20)
  echo "age=$(awk -v s="$started" '{print int($1 - s / 100)}' /proc/uptime)"
fi
`;

/**
 * Prints the processes that listen on the port of the health URL, and on every port of the service.
 * A line `owner` has these fields, with tabs between them: port, pid, "yes" if the main process
 * started the process, INVOCATION_ID, control group, directory and command. A line `hidden` has a
 * port whose process this user may not see. Only root may see the sockets of other users, so the
 * script then tries sudo.
 */
const owners = `[ -n "$health" ] || exit 0
main=$(fact MainPID)
main=\${main:-0}
at=\${health#*://}
at=\${at%%[/?]*}
case $health in https:*) port=443;; *) port=80;; esac
case $at in *\\]) ;; *:*) port=\${at##*:};; esac
echo "port=$port"
family=" $main $(cat "/proc/$main/task/"*/children 2>/dev/null || :) "
holders() {
  {
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null \\
      | awk '$4 == "0A" { n = split($2, at, ":"); print "L", at[n], $10 }' || :
    $1 ls -ln /proc/[0-9]*/fd 2>/dev/null || :
  } | awk -v port="$(printf '%04X' "$port")" -v family="$family" '
    $1 == "L" { on[$3] = $2; next }
    /^\\/proc\\/[0-9]+\\/fd:/ { split($0, at, "/"); pid = at[3]; next }
    match($0, /socket:\\[[0-9]+\\]/) {
      it = substr($0, RSTART + 8, RLENGTH - 9)
      if (!(it in on)) next
      held[it] = held[it] " " pid
      if (index(family, " " pid " ")) ours[on[it]] = 1
    }
    END {
      ours[port] = 1
      for (it in on) if (on[it] in ours) {
        if (held[it] == "") print "hidden", on[it]
        n = split(held[it], pids, " ")
        for (i = 1; i <= n; i++) print "held", on[it], pids[i]
      }
    }'
}
held=$(holders '')
case $sudo:$held in ?*:*hidden*) more=$(holders "$sudo"); held=\${more:-$held};; esac
tab=$(printf '\\t')
printf '%s\\n' "$held" | sort -u | head -n 100 | while read -r what on pid; do
  case $what in
    hidden) echo "hidden=$((0x$on))";;
    held)
      kin=no
      if descends "$pid" "$main"; then kin=yes; fi
      cwd=$(readlink "/proc/$pid/cwd" 2>/dev/null || $sudo readlink "/proc/$pid/cwd" 2>/dev/null || :)
      echo "owner=$((0x$on))$tab$pid$tab$kin$tab$(start_of "$pid")$tab$(group_of "$pid")$tab$cwd$tab$(name_of "$pid")"
      ;;
  esac
done
`;

/**
 * Requests the health URL and prints the status. wget gets the headers in a file, because it cannot
 * read a configuration from a pipe. Only the ssh user may read a file that `mktemp` makes.
 */
const health = `[ -n "$health" ] || exit 0
status=000
if command -v curl >/dev/null; then
  status=$(printf '%s\\n' "$access" | curl -q -g -K - -s -o /dev/null -w '%{http_code}' -m 5 --noproxy '*' --url "$health") || :
  by=curl
elif command -v wget >/dev/null; then
  code=0
  if [ -n "$access" ]; then
    config=$(mktemp)
    trap 'rm -f "$config"' EXIT
    printf '%s\\n' "$access" | sed 's/^header = "\\(.*\\)"$/header = \\1/
s/\\\\\\(.\\)/\\1/g
s/^insecure$/check_certificate = off/' >"$config"
    timeout 6 wget --config="$config" --max-redirect=0 -q -O /dev/null -T 5 "$health" \\
      >/dev/null 2>&1 || code=$?
  else
    timeout 6 wget -q -O /dev/null -T 5 "$health" >/dev/null 2>&1 || code=$?
  fi
  case $code in 0) status=200;; 6|8) status=error;; *) status=000;; esac
  by=wget
elif command -v node >/dev/null; then
  status=$(access=$access node -e 'const signal = AbortSignal.timeout(5000);
const headers = {};
for (const line of (process.env.access || "").split("\\n")) {
  if (line === "insecure") process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
  const found = /^header = "([^:]*): (.*)"$/.exec(line);
  if (found) headers[found[1]] = found[2].replace(/\\\\(.)/g, "$1");
}
fetch(process.argv[1], { signal, headers, redirect: "manual" })
  .then((r) => console.log(r.status), () => console.log("000"))' "$health")
  by=node
else
  by=none
fi
echo "by=$by"
echo "health=$status"
case $status in 2*) exit 0;; esac
`;

const listens = `[ "\${pid:-0}" != 0 ] || exit 0
for it in $pid $(cat "/proc/$pid/task/"*/children 2>/dev/null || :); do
  ls -l "/proc/$it/fd" 2>/dev/null || $sudo ls -l "/proc/$it/fd" 2>/dev/null || :
done | sed -n 's/.*socket:\\[\\([0-9]*\\)\\].*/\\1/p' | {
  inodes=" $(tr '\\n' ' ')"
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v inodes="$inodes" \\
    '$4 == "0A" && index(inodes, " " $10 " ") { split($2, at, ":"); print "listens=" at[2] }'
}
`;

/**
 * The script of `inspect`. Argument: health URL or "". Prints key=value lines. A value that could
 * not be read is empty, or its line is missing.
 */
export const observing = `${place}${owners}${health}${listens}`;
