import type { Flag, Grammar, Verb } from './grammar.ts';

/** To be kept as ~/.config/fish/completions/plimsoll.fish. */
export const fish = ({ verbs, flags }: Grammar) =>
  [
    '# plimsoll completion for fish',
    'complete -c plimsoll -f',
    ...flags.map((flag) => line('', option(flag))),
    ...verbs.map(({ name, about }) =>
      line('__fish_use_subcommand', `-a ${name} -d ${quoted(about)}`),
    ),
    ...verbs.flatMap(ofVerb),
  ].join('\n');

function ofVerb({ name, words, takesFile, flags }: Verb): string[] {
  const here = `__fish_seen_subcommand_from ${name}`;
  return [
    ...(words.length > 0 ? [line(here, `-a ${quoted(words.join(' '))}`)] : []),
    ...(takesFile ? [line(here, '-F')] : []),
    ...flags.map((flag) => line(here, option(flag))),
  ];
}

const line = (when: string, what: string) =>
  `complete -c plimsoll ${when ? `-n ${quoted(when)} ` : ''}${what}`;

function option({ name, about, value }: Flag): string {
  const long = `-l ${name.replace(/^--/, '')}`;
  const after =
    typeof value === 'string'
      ? { none: '', path: ' -r -F', text: ' -x' }[value]
      : ` -x -a ${quoted(value.join(' '))}`;
  return `${long}${after} -d ${quoted(about)}`;
}

/** Fish knows \\' and \\\\ inside single quotes, and nothing else. */
const quoted = (text: string) => `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
