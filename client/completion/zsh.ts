import type { Flag, Grammar } from './grammar.ts';
import { indented, quoted, valueArms } from './posix.ts';

/** To be sourced, or kept as _plimsoll in $fpath. */
export const zsh = (grammar: Grammar) => `#compdef plimsoll
_plimsoll() {
  local verb= word
  local -a verbs choices flags
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case $word in -*) ;; *) verb=$word; break ;; esac
  done
  case $words[CURRENT-1] in
${indented(valueArms(grammar, { files: '_files', words: (of) => `compadd -- ${of.join(' ')}` }))}
  esac
  flags=(${described(grammar.flags)})
  case $verb in
${indented(verbArms(grammar))}
  esac
  (( $#verbs )) && _describe command verbs
  (( $#choices )) && compadd -- $choices
  _describe -o option flags
}
if [[ $funcstack[1] == _plimsoll ]]; then _plimsoll "$@"; else compdef _plimsoll plimsoll; fi`;

const verbArms = ({ verbs }: Grammar) => [
  `'') verbs=(${described(verbs)}) ;;`,
  ...verbs.map(({ name, words, takesFile, flags }) => {
    const acts = [
      flags.length > 0 ? `flags+=(${described(flags)})` : '',
      words.length > 0 ? `choices=(${words.join(' ')})` : '',
      takesFile ? '_files' : '',
    ].filter((act) => act !== '');
    return `${name}) ${acts.join('; ') || ':'} ;;`;
  }),
];

const described = (named: readonly Pick<Flag, 'name' | 'about'>[]) =>
  named.map(({ name, about }) => quoted(`${name}:${about}`)).join(' ');
