import { exits } from './exits.ts';

/**
 * Prints the files of a list that are still pointers of Git LFS, and the files that cannot be read.
 * A pointer has less than 1024 bytes and begins with the line that grep searches for:
 * https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md. Arguments: paths relative to the
 * working directory.
 */
const pointersAmong = `for it do
  [ ! -e "./$it" ] || [ -r "./$it" ] || echo "./$it"
  set -- "$@" "./$it"
  shift
done
find "$@" -maxdepth 0 -type f -size -3 -exec \
grep -lE "^version https?://(git-lfs.github.com/spec/v1|hawser.github.com/spec/v1|git-media.io/v/2)" {} +
:`;

/**
 * Shell functions for the files that git keeps outside of the commit: submodules and Git LFS. `fill
 * DIRECTORY` fetches these files into a checked out tree. It ends the script if a file is still
 * missing. git alone would leave an empty directory, or a pointer in place of the file. Every git
 * command of the script uses the filters of Git LFS, because without them git would report each
 * fetched LFS file as changed.
 */
export const elsewhere = `pointers_among='${pointersAmong}'
pointers_here='git ls-files -z ":(attr:filter=lfs)" | xargs -0 -r sh -c "$pointers_among" sh'
pointers_in_submodule=$pointers_here' |
while IFS= read -r it; do printf "%s\\n" "$displaypath/\${it#./}"; done'
export pointers_among pointers_here
GIT_LFS_SKIP_SMUDGE=1; export GIT_LFS_SKIP_SMUDGE
if command -v git-lfs >/dev/null; then
  GIT_CONFIG_COUNT=4
  GIT_CONFIG_KEY_0=filter.lfs.clean GIT_CONFIG_VALUE_0='git-lfs clean -- %f'
  GIT_CONFIG_KEY_1=filter.lfs.smudge GIT_CONFIG_VALUE_1='git-lfs smudge -- %f'
  GIT_CONFIG_KEY_2=filter.lfs.process GIT_CONFIG_VALUE_2='git-lfs filter-process'
  GIT_CONFIG_KEY_3=filter.lfs.required GIT_CONFIG_VALUE_3=true
  export GIT_CONFIG_COUNT GIT_CONFIG_KEY_0 GIT_CONFIG_KEY_1 GIT_CONFIG_KEY_2 GIT_CONFIG_KEY_3
  export GIT_CONFIG_VALUE_0 GIT_CONFIG_VALUE_1 GIT_CONFIG_VALUE_2 GIT_CONFIG_VALUE_3
fi
without_lfs_settings() { unset GIT_LFS_SKIP_SMUDGE GIT_CONFIG_COUNT pointers_among pointers_here; }
without_prompts() {
  GIT_TERMINAL_PROMPT=0 GIT_SSH_COMMAND='ssh -o BatchMode=yes'
  export GIT_TERMINAL_PROMPT GIT_SSH_COMMAND
}
listed() { head -n 20 | sed "s/^/$1=/"; }
names() { tr '\\n\\0' '?\\n' | listed "$1"; }
in_each() { git -C "$1" submodule --quiet foreach --recursive "$2" 9>&-; }
has_submodules() {
  git -C "$1" ls-files -s -z 9>&- | tr '\\n\\0' '?\\n' | grep -q '^160000 '
}
pointers() {
  ( cd "$1"; eval "$pointers_here" ) 9>&- | sed 's,^\\./,,'
  in_each "$1" "$pointers_in_submodule" || echo 'a submodule that git cannot read'
}
fill_submodules() {
  how=--checkout
  [ "\${mode:-}" != back ] || how='--checkout --force'
  git -C "$1" submodule update --init --recursive $how 9>&- >"$2" 2>&1 || return 1
  left=$(git -C "$1" submodule status --recursive 9>&- 2>&1) || { echo "$left" >"$2"; return 1; }
  left=$(printf '%s\\n' "$left" | grep -v '^ ') || return 0
  echo "$left" >"$2"
  return 1
}
fill_lfs() {
  command -v git-lfs >/dev/null ||
    { pointers "$1" | listed file; exit ${exits.noLfsTool}; }
  code=0
  { ( cd "$1"; git lfs pull ) && in_each "$1" 'git lfs pull'; } 9>&- >"$2" 2>&1 || code=$?
  [ "$code" = 0 ] && [ -z "$(pointers "$1")" ] && return 0
  pointers "$1" | listed file
  tail -n 10 "$2" | listed log
  exit ${exits.lfsFailed}
}
fill() {
  without_prompts
  log=$base/fill.log
  if has_submodules "$1"; then
    fill_submodules "$1" "$log" || { tail -n 10 "$log" | listed log; exit ${exits.submodulesFailed}; }
  fi
  [ -z "$(pointers "$1")" ] || fill_lfs "$1" "$log"
}
`;
