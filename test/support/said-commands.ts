import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';

/** A `plimsoll` command in a text. "X" stands for each value that the code fills in. */
export type Said = { file: string; line: number; command: string };

/** Finds the start of a command. "plimsoll and", "plimsoll is" and so on are not commands. */
const named = /(?<![\w./@-])(?:\$\{plimsoll\}|plimsoll) (?=[a-z])(?!(?:a|and|in|is)\b)/g;
/** Finds the end of a command in a sentence, a string or a table. */
const end = /[\n`|;#&<>)]|\\n|\. |, (?!\w+,)| {2}|' *[,+:)]|" *[,+:)]|'$/m;

/** Every `plimsoll` command in a text, with its position. The text is code, a page or a message. */
export function commandsIn(text: string): { at: number; command: string }[] {
  return [...text.matchAll(named)].map(({ index, 0: start }) => {
    const from = index + start.length;
    const filled = text.slice(from, from + 400).replaceAll(/\$\{[^{}]*\}/g, 'X');
    const [command = ''] = filled.replaceAll(/\\\n */g, '').split(end, 1);
    return { at: index, command: command.trim() };
  });
}

/**
 * The reason why the real program refuses a command (unknown verb or option); undefined = the
 * program accepts the command.
 */
export function faultOf(program: Command, command: string): string | undefined {
  const [first = '', second, ...more] = command.split(/\s+/);
  const name = /^[a-z-]*/.exec(first)?.[0] ?? '';
  if (name === 'help') return undefined;
  const verb = program.commands.find((each) => each.name() === name);
  if (!verb) return `no verb "${name}"`;
  const below = verb.commands.find((each) => each.name() === second);
  const options = [program, verb, ...(below ? [below] : [])].flatMap((each) => each.options);
  const known = ['--help', '-h', ...options.map(({ long }) => long)];
  // Text in quotes is a value, not an option.
  const given = [second, ...more]
    .join(' ')
    .replaceAll(/"[^"]*"/g, 'X')
    .match(/(?<=^| )--?[a-z][\w-]*/g);
  const unknown = (given ?? []).find((flag) => !known.includes(flag));
  return unknown === undefined ? undefined : `${name} has no ${unknown}`;
}

/**
 * Every `plimsoll` command in the pages, the code and the configuration files of the repository.
 */
export function saidIn(root: string): Said[] {
  const files = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  const read = files.split('\0').filter((file) => /\.(ts|mjs|md|ya?ml|json|snap)$/.test(file));
  return read
    .filter(
      (file) =>
        !/^(test\/replay\/histories\/|package-lock|test\/(docs|support)\/said-commands)/.test(file),
    )
    .flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      return commandsIn(text).map(({ at, command }) => ({
        file,
        line: text.slice(0, at).split('\n').length,
        command,
      }));
    });
}
