import { exits } from './exits.ts';

/**
 * Shell functions which check that nobody changed a staged tree before it goes live. The marker of
 * a tree contains two hashes, made under the lock right after the tree was prepared. The first hash
 * covers every file. The second hash covers only the files of the commit. If the service runs in
 * the tree, only the second hash is checked, because a service may write beside its code. A marker
 * without hashes was made by hand. In this case the tree must match the commit.
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

/**
 * Shell functions which check that nobody changed an in-place checkout after it was prepared. The
 * hash covers the differences between the tracked files and the commit. The hash is made right
 * after the checkout was prepared.
 */
export const intactInPlace = `print_now() { repo diff HEAD | sha256sum | cut -c1-64; }
seal() { echo "$1 $(print_now)" >"$base/sealed"; }
as_staged() { [ ! -f "$base/sealed" ] || [ "$(cat "$base/sealed")" = "$1 $(print_now)" ]; }
altered() {
  repo diff --name-only HEAD | head -n 20 | sed 's/^/altered=/'
  exit ${exits.altered}
}
`;
