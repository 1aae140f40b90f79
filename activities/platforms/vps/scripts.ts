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

/**
 * Prepares a release on the host. Arguments: SHA, repository, prepare command, time limit of the
 * prepare command in seconds, fingerprint of the prepare command.
 */
const stage = `sha=$1 repository=$2 prepare=$3 seconds=$4 print=$5
look
check
lock
stage_tree
echo "tree=$tree"
echo staged=done
`;

/**
 * Makes a prepared release the current one. Arguments: SHA, name of the wanted tree or fingerprint
 * of its prepare command, "forward" or "back", prepare command, time limit of the prepare command
 * in seconds, fingerprint of the prepare command.
 */
const switchTo = `sha=$1 want=$2 mode=$3 prepare=$4 seconds=$5 print=$6
look
lock
tree=$(pick "$sha" "$want")
[ -n "$tree" ] || exit ${exits.noSuchRelease}
echo "before=$(identity)"
may_flip "$tree"
if is_current "$tree"; then echo switched=already; exit 0; fi
note
flip "$tree"
[ "$(current)" = "releases/$tree" ]
echo switched=done
`;

/**
 * Restarts the service. During a rollback, then stops old processes of an earlier start of the
 * unit. Arguments: SHA, name of the wanted tree or fingerprint of its prepare command, "forward" or
 * "back", identity of the process before the switch.
 */
const restart = `sha=$1 want=$2 mode=$3 before=$4
look
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
  code=0
  restart || code=$?
  echo "exit=$code"
  echo restarted=done
  look
fi
if [ "$mode" = back ]; then
  swept=$(sweep)
  if [ -n "$swept" ]; then
    printf '%s\\n' "$swept"
    look
    if [ "$(fact ActiveState)" != active ]; then restart || :; look; fi
  fi
fi
printf '%s\\n' "$facts"
`;

/**
 * Removes old releases. Arguments: number of newest releases to keep, then SHAs to keep. Never
 * removes the current release or the running release. Never removes a release that a process of the
 * host uses as its directory, program, argument, open file or mounted directory. Without sudo, the
 * script can read only the arguments of other users' processes.
 */
const prune = `in_use() {
  scan='ls -l /proc/[0-9]*/cwd /proc/[0-9]*/exe /proc/[0-9]*/root /proc/[0-9]*/fd
cat /proc/[0-9]*/maps /proc/[0-9]*/mountinfo /proc/[0-9]*/cmdline'
  { sh -c "$scan" || :; [ -z "$sudo" ] || $sudo sh -c "$scan" || :; } 2>/dev/null 9>&- | tr '\\0' '\\n' \\
    | grep -aoE '/releases/[0-9a-f]{40}(-[0-9a-f]{8})?' | sed 's,.*/,,' | sort -u
}
newest=$1
shift
look
lock
now=$(current) cwd=$(running)
keep=" \${now##*/} \${cwd##*/} "
for it in $(trees | head -n "$newest") $(in_use); do keep="$keep$it "; done
for it in $(leftovers); do
  is_tree "$it" || continue
  case $keep in *" $it "*) continue;; esac
  case " $* " in *" \${it%-*} "*) continue;; esac
  remove_image "$it"
  forget "$it"
  echo "removed=$it"
done
tidy
`;

/** Prints the prepared releases, newest first. */
const releases = `look
ready | sed 's/^/release=/'
`;

/** Prints the last log lines of the service. Argument: number of lines. */
const journal = `look
logs "$1"
`;

const steps = { stage, switch: switchTo, restart, inspect: observing, prune, releases, journal };
export type ScriptName = keyof typeof steps;

/**
 * Returns the script of one step for a runner and a checkout. The script contains no value of the
 * deploy. The caller passes all values as arguments.
 */
export const scriptOf = (name: ScriptName, runner: Runner, checkout: Checkout) =>
  `${head}${runners[runner]}${checkouts[checkout]}${steps[name]}`;
