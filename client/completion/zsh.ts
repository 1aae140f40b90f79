import type { Flag, Grammar } from './grammar.ts';
import { indented, placesFunction, quoted, valueArms, wordArms } from './posix.ts';

/**
 * Returns the completion script for zsh. Source the script, or save it as _plimsoll in a directory
 * of $fpath.
 */
export const zsh = (grammar: Grammar) => `#compdef plimsoll
${placesFunction}
_plimsoll() {
  local verb= skip= word
  local -a verbs choices flags given
  local -i places=0
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if [[ $skip ]]; then skip=; continue; fi
    case $word in
${indented(wordArms(grammar))}
    esac
  done
  case $words[CURRENT-1] in
${indented(valueArms(grammar, { files: '_files', words: (of) => `compadd -- ${of.join(' ')}` }))}
  esac
  flags=(${described(grammar.flags)})
  case $verb in
${indented(verbArms(grammar))}
  esac
  if (( $#given < places )) && [[ $PREFIX != -* ]]; then
    choices+=(\${(f)"$(_plimsoll_places $given)"})
  fi
  (( $#verbs )) && _describe command verbs
  (( $#choices )) && compadd -- $choices
  _describe -o option flags
}
if [[ $funcstack[1] == _plimsoll ]]; then _plimsoll "$@"; else compdef _plimsoll plimsoll; fi`;

const verbArms = ({ verbs }: Grammar) => [
  `'') verbs=(${described(verbs)}) ;;`,
  ...verbs.map(({ name, words, takesFile, places, flags }) => {
    const acts = [
      flags.length > 0 ? `flags+=(${described(flags)})` : '',
      words.length > 0 ? `choices=(${words.join(' ')})` : '',
      takesFile ? '_files' : '',
      places > 0 ? `places=${places}` : '',
    ].filter((act) => act !== '');
    return `${name}) ${acts.join('; ') || ':'} ;;`;
  }),
];

const described = (named: readonly Pick<Flag, 'name' | 'about'>[]) =>
  named.map(({ name, about }) => quoted(`${name}:${about}`)).join(' ');
