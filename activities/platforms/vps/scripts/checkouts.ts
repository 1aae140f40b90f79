import { elsewhere } from './elsewhere.ts';
import { exits } from './exits.ts';
import { intactInPlace, intactRelease } from './intact.ts';

/**
 * Shell functions for the code on the host. The name of a tree is the SHA of its commit. If the
 * same commit was prepared again with another prepare command, the name is SHA-fingerprint.
 *
 * A git that was killed leaves locks behind, so locks in repo.git that are older than 10 minutes are
 * removed.
 *
 * Both kinds of checkout define $base (the directory of trees and markers), $served (the path that
 * a container mounts), current, path_of, is_ready, ready, pick, is_current, stage_tree, may_flip,
 * flip, as_staged and altered. git separates file names by NUL, because a file name may contain any
 * other byte.
 *
 * The directory $fences is the fence: it has an empty file whose name is the largest epoch so far. A
 * step of a smaller epoch changes nothing. A file is never overwritten, so a rollback may raise the
 * epoch while another step holds the lock.
 *
 * Fetched branches have their own namespace. --prune removes a deleted branch before git adds a new
 * branch. Without it, an old branch `release` would block a new branch `release/2`.
 */
const common = `${elsewhere}is_tree() {
  printf '%s\\n' "$1" | grep -Eq '^[0-9a-f]{40}(-[0-9a-f]{8})?$'
}
tail_of() { tail -c 4000 "$1"; }
failed() {
  tail_of "$2"
  case $1 in 124|137) exit ${exits.prepareTimedOut};; *) exit ${exits.prepareFailed};; esac
}
prepare_in() {
  [ -n "$prepare" ] || return 0
  code=0
  (
    cd "$1"
    without_lfs_settings
    exec timeout --kill-after=5 "$seconds" sh -c "$prepare"
  ) >"$2" 2>&1 9>&- || code=$?
  [ "$code" = 0 ] || failed "$code" "$2"
}
lock() {
  mkdir -p "$base"
  command -v flock >/dev/null || exit ${exits.noLockTool}
  exec 9>"$lockfile"
  flock -n 9 || { echo "lockfile=$lockfile"; exit ${exits.locked}; }
  in_turn
  raise || [ "\${mode-}" = back ]
}
in_turn() {
  [ -n "$epoch" ] || return 0
  newest=$(ls "$fences" 2>/dev/null | grep -E '^[0-9]{1,18}$' | sort -n | tail -n 1)
  [ "\${newest:-0}" -le "$epoch" ] || { echo "fence=$fences/$newest"; exit ${exits.overtaken}; }
}
raise() {
  [ -n "$epoch" ] || return 0
  mkdir -p "$fences" && touch "$fences/$epoch" || return 1
  for it in $(ls "$fences" | grep -E '^[0-9]{1,18}$'); do
    [ "$it" -ge "$epoch" ] || rm -f "$fences/$it"
  done
}
has() { repo cat-file -e "$1^{commit}" 2>/dev/null; }
fetch() { repo fetch --quiet --no-tags --prune --end-of-options "$repository" "$1"; }
have() {
  without_prompts
  code=0
  has "$1" || fetch '+refs/heads/*:refs/plimsoll/heads/*' || code=$?
  has "$1" || fetch "$1" || if [ "$code" = 0 ]; then exit ${exits.noSuchCommit}; else exit "$code"; fi
}
by_record() {
  up || return 0
  read -r id was 2>/dev/null <"$base/switched" || return 0
  if [ "$(identity)" != "$id" ]; then current; elif [ "$was" != - ]; then echo "$was"; fi
}
note() {
  was=$(by_record)
  id=$(identity)
  printf '%s %s\\n' "\${id:--}" "\${was:--}" >"$base/switched.new"
  mv "$base/switched.new" "$base/switched"
}
`;

const releases = `${common}${intactRelease}base=$directory/releases served=$directory/current
lockfile=$directory/.plimsoll.lock fences=$directory/.plimsoll.fence
current() { readlink "$directory/current" 2>/dev/null || :; }
path_of() { echo "$base/$1"; }
in_tree() {
  real=$(readlink -f "$directory")/releases/
  case $1 in "$real"*) echo "releases/\${1#"$real"}";; *) echo "$1";; esac
}
repo() { git --git-dir="$directory/repo.git" "$@" 9>&-; }
is_ready() { [ -f "$base/$1.ready" ] && [ -d "$base/$1" ]; }
marker() { read -r it <"$base/$1.ready" || :; echo "\${it:-00000000}"; }
trees() { ls -t "$base" 2>/dev/null | sed -n 's/^\\([0-9a-f-]*\\)\\.ready$/\\1/p'; }
ready() { for it in $(trees); do if is_tree "$it" && has_image "$it"; then echo "$it"; fi; done; }
pick() {
  if is_tree "$2"; then choices=$2
  elif [ -z "$2" ]; then choices=$(trees | grep "^$1" || :)
  else choices="$1 $1-$2"
  fi
  for it in $choices; do
    is_ready "$it" || continue
    case $2 in ''|"$it"|"$(marker "$it")") echo "$it"; return 0;; esac
  done
}
is_current() { [ "$(current)" = "releases/$1" ]; }
stage_tree() {
  tree=$(pick "$sha" "$print")
  if [ -n "$tree" ]; then
    if as_staged "$tree"; then echo "tree=$tree"; echo staged=already; exit 0; fi
    case "$(current) $(running) " in *"releases/$tree "*) altered "$tree";; esac
  else
    tree=$sha
    if is_ready "$sha"; then tree=$sha-$print; fi
  fi
  release=$base/$tree
  git init --quiet --bare "$directory/repo.git"
  find "$directory/repo.git" -name '*.lock' -type f -mmin +10 -exec rm -f {} + 2>/dev/null || :
  repo config remote.origin.url "$repository"
  have "$sha"
  rm -rf "$release" "$release.ready" "$release.log"
  repo worktree prune
  repo worktree add --quiet --force --detach "$release" --end-of-options "$sha" >&2
  if [ -f "$release/.gitmodules" ]; then git -C "$release" submodule --quiet sync 9>&-; fi
  fill "$release"
  prepare_in "$release" "$release.log"
  build "$tree"
  seal=$(prints "$tree")
  printf '%s\\n%s\\n' "$print" "$seal" >"$release.ready"
}
may_flip() {
  if [ -e "$directory/current" ] && [ ! -L "$directory/current" ]; then
    exit ${exits.currentIsDirectory}
  fi
  [ "$mode" = back ] || as_staged "$1" || altered "$1"
}
flip() {
  cd "$directory"
  rm -f .current.new
  ln -s "releases/$1" .current.new
  mv -T .current.new current
}
forget() {
  rm -f "$base/$1.ready"
  rm -rf "\${base:?}/$1" "$base/$1.log"
}
leftovers() {
  ls "$base" 2>/dev/null | sed 's/\\.ready$//;s/\\.log$//' | sort -u
}
tidy() { if [ -d "$directory/repo.git" ]; then repo worktree prune; fi; }
`;

/**
 * Prints the paths in the working directory that block files that git wants to write. A path blocks
 * a file in two cases: it is the path of this file, or it is a file or link where this file needs a
 * directory. A repository at the path of a submodule does not block, because git moves it to the
 * wanted commit. Arguments: directory, commit, then the paths of the files.
 */
const findThere = `cd "$0" || exit 255
commit=$1
shift
for it do
  at="" rest=$it/
  while [ -n "$rest" ]; do
    at=$at\${rest%%/*} rest=\${rest#*/}
    [ -e "$at" ] || [ -L "$at" ] || break
    if [ -z "$rest" ] || [ -L "$at" ] || [ ! -d "$at" ]; then
      if [ -d "$at" ] && [ -e "$at/.git" ]; then
        case $(git ls-tree "$commit" -- "$it") in "160000 "*) break;; esac
      fi
      printf "%s\\0" "$at"
      break
    fi
    at=$at/
  done
done`;

/**
 * Prints the submodules that a commit replaces with files. Arguments: directory, commit, then the
 * lines of `git ls-files -s -z`.
 */
const findReplaced = `cd "$0" || exit 255
commit=$1
shift
tab=$(printf "\\t")
for it do
  case $it in "160000 "*) it=\${it#*"$tab"};; *) continue;; esac
  case $(git --literal-pathspecs ls-tree "$commit" -- "$it") in
    ""|"160000 "*) ;;
    *) printf "%s\\0" "$it";;
  esac
done`;

/** Prints the files in submodules that git does not know. Arguments: directory, submodules. */
const findInside = `for it do
  [ -e "$0/$it/.git" ] || continue
  git -C "$0/$it" ls-files --others -z | xargs -0 -r sh -c "$below" "$it"
done`;
/** Prints paths below a directory. Arguments: directory, then the paths. */
const printBelow = `for it do printf "%s\\0" "$0/$it"; done`;

/** Moves files to another directory. Arguments: old directory, new directory, then the paths. */
const moveAside = `to=$1
shift
for it do
  it=\${it%/}
  [ -e "$0/$it" ] || [ -L "$0/$it" ] || continue
  new=$to/$it
  mkdir -p "\${new%/*}" && mv "$0/$it" "$new" || exit 255
done`;

/**
 * Shell functions for an in-place checkout: the directory itself is a git checkout. Changes that
 * people made in this directory are never lost. A deploy does not replace them, but fails. A
 * rollback saves changed files as a commit under refs/plimsoll/set-aside. It moves untracked files
 * that the commit would overwrite to a new directory below $base/moved.
 */
const inPlace = `${common}${intactInPlace}served=$directory
repo() { git -C "$directory" "$@" 9>&-; }
private=$(git -C "$directory" rev-parse --absolute-git-dir 2>/dev/null) || exit ${exits.notACheckout}
[ "$(repo rev-parse --show-prefix)" = '' ] || exit ${exits.notACheckout}
base=$private/plimsoll lockfile=$private/plimsoll.lock fences=$private/plimsoll.fence
head_of() { repo rev-parse --verify --quiet HEAD || :; }
current() { now=$(head_of); [ -z "$now" ] || echo "releases/$now"; }
path_of() { echo "$directory"; }
in_tree() { by_record; }
is_ready() { has "$1"; }
marked() { ls -t "$base" 2>/dev/null | sed -n 's/^\\([0-9a-f]*\\)\\.ready$/\\1/p'; }
trees() { { head_of; marked; } | awk '!seen[$0]++'; }
ready() {
  for it in $(trees); do
    has "$it" || continue
    if [ "$it" = "$(head_of)" ] || has_image "$it"; then echo "$it"; fi
  done
}
pick() { if has "$1"; then echo "$1"; fi; }
prepared() { cat "$base/prepared" 2>/dev/null || :; }
is_current() { [ "$(head_of)" = "$1" ] && [ "$(prepared)" = "$1 $print" ]; }
changed() {
  repo status --porcelain -z --no-renames --untracked-files=no --ignore-submodules=untracked |
    names status | sed 's/^status=.../file=/'
}
find_there='${findThere}'
find_replaced='${findReplaced}'
find_inside='${findInside}'
below='${printBelow}'
export below
replaced() {
  has_submodules "$directory" || return 0
  repo ls-files -s -z | xargs -0 -r sh -c "$find_replaced" "$directory" "$1" 9>&-
}
in_the_way() {
  repo diff-index --cached -z --no-renames --name-only --diff-filter=D "$1" -- |
    xargs -0 -r sh -c "$find_there" "$directory" "$1" 9>&- |
    xargs -0 -r git --literal-pathspecs -C "$directory" ls-files --others -z -- 9>&-
  replaced "$1" | xargs -0 -r sh -c "$find_inside" "$directory" 9>&-
}
drop_replaced() {
  replaced "$1" |
    xargs -0 -r git -C "$directory" submodule --quiet deinit --force -- >&2 9>&-
}
may_take() {
  [ "$(head_of)" != "$1" ] || return 0
  [ -z "$(changed)" ] || { changed; exit ${exits.trackedChanges}; }
  way=$(in_the_way "$1" | names file)
  [ -z "$way" ] || { printf '%s\\n' "$way"; exit ${exits.untrackedInTheWay}; }
}
stage_tree() {
  tree=$sha
  there=done
  if repo show-ref --verify --quiet "refs/plimsoll/$sha"; then there=already; fi
  have "$sha"
  may_take "$sha"
  repo update-ref "refs/plimsoll/$sha" "$sha"
  [ "$there" = done ] || { echo "tree=$tree"; echo staged=already; exit 0; }
}
may_flip() { [ "$mode" = back ] || may_take "$1"; }
keep_changes='kept=$(git -c user.name=Plimsoll -c user.email=plimsoll@localhost stash create)
[ -z "$kept" ] || git update-ref "refs/plimsoll/set-aside/$kept" "$kept"'
set_aside() {
  [ -n "$(changed)" ] || return 0
  ( cd "$directory"; eval "$keep_changes" ) 9>&-
  if has_submodules "$directory"; then in_each "$directory" "$keep_changes"; fi
}
keep_old() {
  old=$(head_of)
  [ -n "$old" ] || return 0
  repo update-ref "refs/plimsoll/$old" "$old"
  [ -f "$base/$old.ready" ] || : >"$base/$old.ready"
}
aside='${moveAside}'
move_aside() {
  moved=$base/moved/$(date -u +%Y%m%dT%H%M%SZ)-$$
  in_the_way "$1" | xargs -0 -r sh -c "$aside" "$directory" "$moved" 9>&-
}
flip() {
  keep_old
  rm -f "$base/prepared"
  if [ "$(head_of)" != "$1" ]; then
    force=--no-overwrite-ignore
    if [ "$mode" = back ]; then set_aside; move_aside "$1"; force=--force; fi
    drop_replaced "$1"
    repo checkout --quiet --detach "$force" "$1" >&2
  fi
  fill "$directory"
  prepare_in "$directory" "$base/prepare.log"
  echo "$1 $print" >"$base/prepared"
  : >"$base/$1.ready"
  seal "$1"
}
forget() {
  rm -f "$base/$1.ready"
  repo update-ref -d "refs/plimsoll/$1"
}
leftovers() { trees; }
tidy() { :; }
`;

export const checkouts = { releases, 'in-place': inPlace } as const;
