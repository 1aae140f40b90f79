import { checkouts } from './scripts/checkouts.ts';
import { exits } from './scripts/exits.ts';
import { observing } from './scripts/observing.ts';
import { runners } from './scripts/runners.ts';

export { exits };
export type Runner = keyof typeof runners;
export type Checkout = keyof typeof checkouts;

const head = `set -eu
LC_ALL=C; export LC_ALL
directory=$1
`;

/** The first argument of every step that changes the host: its epoch, or '' without a fence. */
const withEpoch = `epoch=$1
shift
`;

/**
 * Prepares a release on the host. Arguments: epoch, SHA, repository, prepare command, time limit of the
 * prepare command in seconds, fingerprint of the prepare command.
 */
const stage = `${withEpoch}sha=$1 repository=$2 prepare=$3 seconds=$4 print=$5
read_state
check
lock
stage_tree
echo "tree=$tree"
echo staged=done
`;

/**
 * Makes a prepared release the current release. Checks the fence again in the last moment.
 * Arguments: epoch; SHA; name of the wanted tree, or
 * fingerprint of its prepare command; "forward" or "back"; prepare command; time limit of the
 * prepare command in seconds; fingerprint of the prepare command.
 */
const switchTo = `${withEpoch}sha=$1 want=$2 mode=$3 prepare=$4 seconds=$5 print=$6
read_state
lock
tree=$(pick "$sha" "$want")
[ -n "$tree" ] || exit ${exits.noSuchRelease}
echo "before=$(identity)"
may_flip "$tree"
if is_current "$tree"; then echo switched=already; exit 0; fi
note
in_turn
flip "$tree"
[ "$(current)" = "releases/$tree" ]
echo switched=done
`;

/**
 * Restarts the service. During a rollback, it then also stops old processes of an earlier start of
 * the unit. Arguments: epoch; SHA; name of the wanted tree, or fingerprint of its prepare command;
 * "forward" or "back"; identity of the process before the switch.
 */
const restart = `${withEpoch}sha=$1 want=$2 mode=$3 before=$4
read_state
lock
tree=$(pick "$sha" "$want")
[ -n "$tree" ] || exit ${exits.noSuchRelease}
if [ "$(identity)" != "$before" ] && [ "$(running)" = "releases/$tree" ]; then
  echo restarted=already
else
  if [ "$mode" != back ]; then
    [ "$(current)" = "releases/$tree" ] || { echo "current=$(current)"; exit ${exits.movedAway}; }
    [ "$(identity)" != "$before" ] || as_staged "$tree" || altered "$tree"
  fi
  in_turn
  code=0
  restart || code=$?
  echo "exit=$code"
  echo restarted=done
  read_state
fi
if [ "$mode" = back ]; then
  swept=$(sweep)
  if [ -n "$swept" ]; then
    printf '%s\\n' "$swept"
    read_state
    if [ "$(fact ActiveState)" != active ]; then restart || :; read_state; fi
  fi
fi
printf '%s\\n' "$facts"
`;

/**
 * Removes old releases. Arguments: epoch, number of newest releases to keep, then SHAs to keep. Never
 * removes the running release, or the release that `current` points to. Never removes a release
 * that any process of the host uses as its directory, program, argument, variable, open file or
 * mounted directory. If sudo does not allow the script to read the processes of other users, it can read
 * only their arguments, and prints `unread=yes`. A process that was started as `current/…` before
 * the last switch may use every release that was ready at its start. The files of this release need
 * not be open.
 */
const prune = `${withEpoch}unread() {
  [ "$(id -u)" != 0 ] || return 1
  if [ -n "$sudo" ] && $sudo sh -c : 2>/dev/null 9>&-; then return 1; fi
  [ ! -d /proc/1 ] || ls -l /proc/[0-9]*/cwd 2>&1 >/dev/null | grep -q 'Permission denied'
}
in_use() {
  scan='ls -l /proc/[0-9]*/cwd /proc/[0-9]*/exe /proc/[0-9]*/root /proc/[0-9]*/fd
cat /proc/[0-9]*/maps /proc/[0-9]*/mountinfo /proc/[0-9]*/cmdline /proc/[0-9]*/environ'
  { sh -c "$scan" || :; [ -z "$sudo" ] || $sudo sh -c "$scan" || :; } 2>/dev/null 9>&- | tr '\\0' '\\n' \\
    | grep -av '^\\(OLD\\)*PWD=' | grep -aoE '/releases/[0-9a-f]{40}(-[0-9a-f]{8})?' | sed 's,.*/,,' | sort -u
}
of_old_starts() {
  switched=$(stat -c %Y "$directory/current" 2>/dev/null) || return 0
  boot=$(sed -n 's/^btime //p' /proc/stat)
  main=$(fact MainPID)
  for pid in $(grep -lsaF "$directory/current/" /proc/[0-9]*/cmdline | tr -cd '0-9\n'); do
    if [ "\${main:-0}" != 0 ] && descends "$pid" "$main"; then continue; fi
    ticks=$(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | cut -d' ' -f20)
    start=$((boot + \${ticks:-0} / 100))
    [ -n "$ticks" ] && [ "$((start + 5))" -lt "$switched" ] || continue
    for it in $(trees); do
      [ "$(stat -c %Y "$base/$it.ready")" -gt "$start" ] || echo "$it"
    done
  done
}
newest=$1
shift
read_state
lock
now=$(current) cwd=$(running)
keep=" \${now##*/} \${cwd##*/} "
for it in $(trees | head -n "$newest") $(in_use) $(of_old_starts); do keep="$keep$it "; done
for it in $(leftovers); do
  is_tree "$it" || continue
  case $keep in *" $it "*) continue;; esac
  case " $* " in *" \${it%-*} "*) continue;; esac
  remove_image "$it"
  forget "$it"
  echo "removed=$it"
done
if unread; then echo unread=yes; fi
tidy
`;

/**
 * Raises the epoch at the beginning of a rollback, so that no earlier step changes the host from now
 * on. Does not wait for the lock. Prints `busy=yes` if another step holds the lock, and
 * `unfenced=yes` if the epoch cannot be written, for example because the disk is full. Argument:
 * epoch.
 */
const fence = `epoch=$1
in_turn
raise || echo unfenced=yes
if command -v flock >/dev/null && [ -e "$lockfile" ]; then
  { flock -n 9 || echo busy=yes; } 9<"$lockfile"
fi
`;

/** Prints the prepared releases, newest first. */
const releases = `read_state
ready | sed 's/^/release=/'
`;

/** Prints the last log lines of the service. Argument: number of lines. */
const journal = `read_state
logs "$1"
`;

const steps = {
  ...{ stage, switch: switchTo, restart, fence, prune },
  ...{ inspect: observing, releases, journal },
};
export type ScriptName = keyof typeof steps;

/**
 * Returns the script of one step for a runner and a checkout. The script contains no value of the
 * deploy. The caller passes all values as arguments.
 */
export const scriptOf = (name: ScriptName, runner: Runner, checkout: Checkout) =>
  `${head}${runners[runner]}${checkouts[checkout]}${steps[name]}`;
