import { exits } from './exits.ts';

/**
 * Shell functions that check whether somebody changed a staged tree before it goes live. The marker
 * of a tree contains two hashes. They are made under the lock, right after the tree was prepared.
 * The first hash covers every file. The second hash covers only the files of the commit. If the
 * service runs in the tree, only the second hash is checked, because a service may write files into
 * its directory. A marker without hashes comes from a person. Then the tree must be equal to the
 * commit.
 */
export const intactRelease = `whole_print() (
  cd "$base/$1"
  {
    find . -name .git -prune -o -print0 | sort -z
    find . -name .git -prune -o -type f -print0 | sort -z | xargs -0 -r sha256sum
    find . -name .git -prune -o -type l -print0 | sort -z | xargs -0 -r -n 1 readlink
    find . -name .git -prune -o -type f -perm -100 -print0 | sort -z
  } 9>&- | sha256sum | cut -c1-64
)
commit_print() (
  cd "$base/$1"
  {
    repo ls-tree -r -z --name-only "\${1%%-*}" | xargs -0 -r sha256sum -- 2>&1
    if [ -f .gitmodules ]; then
      in_each . 'git ls-tree -r -z --name-only HEAD | xargs -0 -r sha256sum -- 2>&1' 2>&1 || :
    fi
  } 9>&- | sha256sum | cut -c1-64
)
prints() { echo "$(whole_print "$1") $(commit_print "$1")"; }
sealed() { sed -n 2p "$base/$1.ready"; }
differing() (
  GIT_INDEX_FILE=$base/.index
  export GIT_INDEX_FILE
  repo read-tree "\${1%%-*}" && repo --work-tree="$base/$1" diff $2 "\${1%%-*}" --
)
as_committed() { differing "$1" --quiet 2>/dev/null; }
as_staged() {
  seal=$(sealed "$1")
  if [ -z "$seal" ]; then as_committed "$1"
  elif [ "$(running)" = "releases/$1" ]; then [ "$(commit_print "$1")" = "\${seal#* }" ]
  else [ "$(whole_print "$1")" = "\${seal% *}" ]
  fi
}
altered() {
  differing "$1" '--name-only -z' 2>/dev/null | names altered
  exit ${exits.altered}
}
`;

/**
 * Shell functions that check whether somebody changed an in-place checkout after it was prepared.
 * The hash covers the differences between the tracked files and the commit. It is made right after
 * the checkout was prepared.
 */
export const intactInPlace = `print_now() {
  repo diff --ignore-submodules=untracked HEAD | sha256sum | cut -c1-64
}
seal() { echo "$1 $(print_now)" >"$base/sealed"; }
as_staged() { [ ! -f "$base/sealed" ] || [ "$(cat "$base/sealed")" = "$1 $(print_now)" ]; }
altered() {
  repo diff --name-only -z --ignore-submodules=untracked HEAD | names altered
  exit ${exits.altered}
}
`;
