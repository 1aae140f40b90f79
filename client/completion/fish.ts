import { taking } from './grammar.ts';
import type { Flag, Grammar, Verb } from './grammar.ts';

/**
 * Returns the completion script for fish. Save the script as
 * ~/.config/fish/completions/plimsoll.fish.
 */
export const fish = ({ verbs, flags }: Grammar) =>
  [
    '# plimsoll completion for fish',
    placesFunction(taking({ verbs, flags })),
    'complete -c plimsoll -f',
    ...flags.map((flag) => line('', option(flag))),
    ...verbs.map(({ name, about }) =>
      line('__fish_use_subcommand', `-a ${name} -d ${quoted(about)}`),
    ),
    ...verbs.flatMap(ofVerb),
  ].join('\n');

/**
 * Returns a fish function that completes places. The fish function prints all projects. If a
 * project is already typed, it prints the environments of this project. $argv[1] is the number of
 * place arguments of the verb. After the last place argument, it prints nothing.
 */
const placesFunction = (options: readonly string[]) => `function __plimsoll_places
  set -l given
  set -l skip 0
  for word in (commandline -opc)[2..]
    if test $skip = 1
      set skip 0
    else if contains -- $word ${options.join(' ')}
      set skip 1
    else if not string match -q -- '-*' $word
      set -a given $word
    end
  end
  test (count $given) -gt $argv[1]; and return
  plimsoll completion places 2>/dev/null | while read -l project environment
    if test (count $given) = 1
      echo $project
    else if test $given[2] = $project
      echo $environment
    end
  end
end`;

function ofVerb({ name, words, takesFile, places, flags }: Verb): string[] {
  const here = `__fish_seen_subcommand_from ${name}`;
  return [
    ...(words.length > 0 ? [line(here, `-a ${quoted(words.join(' '))}`)] : []),
    ...(takesFile ? [line(here, '-F')] : []),
    ...(places > 0 ? [line(here, `-a '(__plimsoll_places ${places})'`)] : []),
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

/** Puts `text` into single quotes, where fish knows only the escapes \' and \\. */
const quoted = (text: string) => `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
