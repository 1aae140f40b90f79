import type { Command, Option } from 'commander';

/** What may follow an option: nothing, a path, a text that only a person knows, or one of these. */
export type Value = 'none' | 'path' | 'text' | readonly string[];
export type Flag = { name: string; about: string; value: Value };
export type Verb = {
  name: string;
  about: string;
  /** Words known in advance: choices of arguments, and subcommands. */
  words: string[];
  takesFile: boolean;
  flags: Flag[];
};
export type Grammar = { verbs: Verb[]; flags: Flag[] };

/** The program as shells need it; a subcommand's options count as its parent's. */
export const grammarOf = (program: Command): Grammar => ({
  verbs: program.commands.map(verbOf),
  flags: [...program.options.map(flagOf), help],
});

/** Every option of the grammar, by what follows it. */
export const valued = ({ verbs, flags }: Grammar) =>
  new Map(
    [...flags, ...verbs.flatMap((verb) => verb.flags)].map((flag) => [flag.name, flag.value]),
  );

const help: Flag = { name: '--help', about: 'how it is used', value: 'none' };

function verbOf(command: Command): Verb {
  const all = [command, ...command.commands];
  const flags = all.flatMap(({ options }) => options.map(flagOf));
  return {
    name: command.name(),
    about: command.description(),
    words: [
      ...command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
      ...command.commands.map((sub) => sub.name()),
    ],
    takesFile: command.registeredArguments.some((argument) => argument.name() === 'file'),
    flags: flags.filter(({ name }, at) => flags.findIndex((it) => it.name === name) === at),
  };
}

const flagOf = (option: Option): Flag => ({
  name: option.long ?? option.flags,
  about: option.description,
  value: valueOf(option),
});

function valueOf({ argChoices, flags }: Option): Value {
  if (argChoices) return argChoices;
  if (/<path>/.test(flags)) return 'path';
  return /[<[]/.test(flags) ? 'text' : 'none';
}
