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

/** sha, repository, prepare, seconds, fingerprint of prepare */
const stage = `sha=$1 repository=$2 prepare=$3 seconds=$4 print=$5
look
check
lock
stage_tree
echo "tree=$tree"
echo staged=done
`;

/** sha, wanted tree or fingerprint, forward or back, prepare, seconds, fingerprint of prepare */
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

/** sha, wanted tree or fingerprint, forward or back, the identity before the switch */
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
printf '%s\\n' "$facts"
`;

/** newest to keep, shas… Never what is linked, running or named. */
const prune = `newest=$1
shift
look
lock
now=$(current) cwd=$(running)
keep=" \${now##*/} \${cwd##*/} "
for it in $(trees | head -n "$newest"); do keep="$keep$it "; done
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

/** Prepared releases, newest first. */
const releases = `look
ready | sed 's/^/release=/'
`;

/** lines */
const journal = `look
logs "$1"
`;

const steps = { stage, switch: switchTo, restart, inspect: observing, prune, releases, journal };
export type ScriptName = keyof typeof steps;

/** The script of one step, for how this host runs it. Constant: nothing is ever pasted in. */
export const scriptOf = (name: ScriptName, runner: Runner, checkout: Checkout) =>
  `${head}${runners[runner]}${checkouts[checkout]}${steps[name]}`;
