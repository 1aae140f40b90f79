import { exits } from './exits.ts';

/**
 * What was staged is what goes live. A tree's marker keeps two prints, taken under the lock right
 * after it was prepared: of every file, and of the commit's files alone, because a service may write
 * beside its code. A tree without them was made by hand: it must be as committed.
 */
export const intactRelease = `whole_print() (
  cd "$base/$1"
  {
    find . -path ./.git -prune -o -print | sort
    find . -path ./.git -prune -o -type f -print0 | sort -z | xargs -0 -r sha256sum
    find . -path ./.git -prune -o -type l -print0 | sort -z | xargs -0 -r -n 1 readlink
    find . -path ./.git -prune -o -type f -perm -100 -print | sort
  } 9>&- | sha256sum | cut -c1-64
)
commit_print() (
  cd "$base/$1"
  repo ls-tree -r -z --name-only "\${1%%-*}" | xargs -0 -r sha256sum 2>&1 9>&- | sha256sum | cut -c1-64
)
prints() { echo "$(whole_print "$1") $(commit_print "$1")"; }
sealed() { sed -n 2p "$base/$1.ready"; }
differing() (
  GIT_INDEX_FILE=$base/.index
  export GIT_INDEX_FILE
  repo read-tree "\${1%%-*}" && repo --work-tree="$base/$1" diff --name-only "\${1%%-*}" --
)
as_committed() { names=$(differing "$1" 2>/dev/null) && [ -z "$names" ]; }
as_staged() {
  seal=$(sealed "$1")
  if [ -z "$seal" ]; then as_committed "$1"
  elif [ "$(running)" = "releases/$1" ]; then [ "$(commit_print "$1")" = "\${seal#* }" ]
  else [ "$(whole_print "$1")" = "\${seal% *}" ]
  fi
}
altered() {
  differing "$1" 2>/dev/null | head -n 20 | sed 's/^/altered=/'
  exit ${exits.altered}
}
`;

/** In place: what the commit's files were right after they were prepared. */
export const intactInPlace = `print_now() { repo diff HEAD | sha256sum | cut -c1-64; }
seal() { echo "$1 $(print_now)" >"$base/sealed"; }
as_staged() { [ ! -f "$base/sealed" ] || [ "$(cat "$base/sealed")" = "$1 $(print_now)" ]; }
altered() {
  repo diff --name-only HEAD | head -n 20 | sed 's/^/altered=/'
  exit ${exits.altered}
}
`;
