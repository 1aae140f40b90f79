import type { Grammar, Verb } from './grammar.ts';
import { indented, names, placesFunction, quoted, valueArms, wordArms, wordsOf } from './posix.ts';

const reply = (words: readonly string[]) =>
  `COMPREPLY=($(compgen -W ${quoted(words.join(' '))} -- "$cur"))`;
const files = 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur"))';

/**
 * Returns the completion script for bash 4 and newer. The script does not need the package
 * bash-completion.
 */
export const bash = (grammar: Grammar) => `# plimsoll completion for bash
${placesFunction}
_plimsoll() {
  local cur=\${COMP_WORDS[COMP_CWORD]} verb= skip= word given=()
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ $skip ]]; then skip=; continue; fi
    case $word in
${indented(wordArms(grammar))}
    esac
  done
  case \${COMP_WORDS[COMP_CWORD-1]} in
${indented(valueArms(grammar, { files, words: reply }))}
  esac
  case $verb in
${indented(verbArms(grammar))}
  esac
}
complete -F _plimsoll plimsoll`;

const verbArms = (grammar: Grammar) => [
  `'') ${reply([...names(grammar.verbs), ...names(grammar.flags)])} ;;`,
  ...grammar.verbs.map((verb) => {
    const words = reply(wordsOf(verb, grammar));
    const other = verb.takesFile ? files : verb.places > 0 ? placesOf(verb, words) : words;
    return other === words
      ? `${verb.name}) ${words} ;;`
      : `${verb.name}) if [[ $cur == -* ]]; then ${words}; else ${other}; fi ;;`;
  }),
];

/**
 * Completes the project and the environment. After the last place argument, it completes the
 * options.
 */
const placesOf = ({ places }: Verb, words: string) =>
  `if ((\${#given[@]} < ${places})); then ` +
  `COMPREPLY=($(compgen -W "$(_plimsoll_places "\${given[@]}")" -- "$cur")); ` +
  `else ${words}; fi`;
