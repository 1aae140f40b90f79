import type { Command, Option } from 'commander';

/**
 * The kind of value that an option takes. An option takes no value, a path, free text, or one of
 * the listed words.
 */
export type Value = 'none' | 'path' | 'text' | readonly string[];
export type Flag = { name: string; about: string; value: Value };
export type Verb = {
  name: string;
  about: string;
  /**
   * The words that the completion script itself contains. These are the choices of arguments, and
   * the subcommands.
   */
  words: string[];
  takesFile: boolean;
  /**
   * The number of place arguments of the verb: 0, 1 (the project), or 2 (the project and the
   * environment).
   */
  places: 0 | 1 | 2;
  flags: Flag[];
};
export type Grammar = { verbs: Verb[]; flags: Flag[] };

/**
 * Returns the verbs and options of `program`, for the completion scripts. The options of a
 * subcommand are listed under its parent verb.
 */
export const grammarOf = (program: Command): Grammar => ({
  verbs: program.commands.map(verbOf),
  flags: [...program.options.map(flagOf), help],
});

/** Returns a map from the name of every option to the kind of its value. */
export const valued = ({ verbs, flags }: Grammar) =>
  new Map(
    [...flags, ...verbs.flatMap((verb) => verb.flags)].map((flag) => [flag.name, flag.value]),
  );

/** Returns the names of the options that take a value. */
export const taking = (grammar: Grammar) =>
  [...valued(grammar)].filter(([, value]) => value !== 'none').map(([name]) => name);

const help: Flag = { name: '--help', about: 'show the help of the command', value: 'none' };

function verbOf(command: Command): Verb {
  const all = [command, ...command.commands];
  const flags = all.flatMap(({ options }) => options.map(flagOf));
  const names = command.registeredArguments.map((argument) => argument.name());
  return {
    name: command.name(),
    about: command.description(),
    words: [
      ...command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
      ...command.commands.map((sub) => sub.name()),
    ],
    takesFile: names.some((name) => name === 'file' || name === 'directory'),
    places: names[0] !== 'project' ? 0 : names[1] === 'environment' ? 2 : 1,
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
