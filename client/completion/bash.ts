import type { Grammar } from './grammar.ts';
import { indented, names, quoted, valueArms, wordsOf } from './posix.ts';

const reply = (words: readonly string[]) =>
  `COMPREPLY=($(compgen -W ${quoted(words.join(' '))} -- "$cur"))`;
const files = 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur"))';

/** For bash 4 and newer, without the bash-completion package. */
export const bash = (grammar: Grammar) => `# plimsoll completion for bash
_plimsoll() {
  local cur=\${COMP_WORDS[COMP_CWORD]} verb= word
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) ;; *) verb=$word; break ;; esac
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
    return verb.takesFile
      ? `${verb.name}) if [[ $cur == -* ]]; then ${words}; else ${files}; fi ;;`
      : `${verb.name}) ${words} ;;`;
  }),
];
