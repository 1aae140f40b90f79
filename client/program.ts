import { existsSync, readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { plimsoll } from '../domain/deploy/wire.ts';
import { kindOfSecret } from '../domain/lib/secret-shapes.ts';
import { report, UserError } from './errors.ts';
import { exitCodes } from './exit-codes.ts';
import { createIo } from './io.ts';
import type { GlobalOptions, Surroundings } from './io.ts';
import type { Execute } from './run.ts';
import { loadVerbs, verbNames } from './verbs.ts';

/**
 * Runs the command in `argv`, and returns its exit code. `argv` contains no program names. This
 * function never throws and never ends the process. So a caller may run several commands at once,
 * each with its own streams and environment.
 */
export async function main(argv: string[], surroundings: Surroundings = process): Promise<number> {
  const kind = argv.map(kindOfSecret).find((found) => found !== null);
  if (kind) return report(secretTyped(kind), createIo({}, surroundings));
  let code = 0;
  const execute: Execute = async (run) => {
    const io = createIo(program.opts<GlobalOptions>(), surroundings);
    code = await run(io).catch((error: unknown) => report(error, io));
  };
  const words = withHelpFlag(argv);
  const verb = words.find(isVerb);
  const program = await createProgram(execute, surroundings, verb ? [verb] : verbNames);
  try {
    await program.parseAsync(words, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return report(error, createIo({}, surroundings));
  }
}

/**
 * Makes the error for an argument that contains a secret. Refs and reasons stay in the history of
 * Temporal and in the ledger, so a secret must not even be sent.
 */
const secretTyped = (kind: string) =>
  new UserError(
    `An argument of this command looks like ${kind}. Nothing was started, because texts of commands ` +
      'are kept in histories and in the ledger.\n' +
      'If the secret is real, revoke it, and remove it from the history of your shell. ' +
      'Then run the command again without it.',
    exitCodes.usage,
  );

/** Replaces `help VERB` by `VERB --help`. If there are no words, returns `--help`. */
function withHelpFlag(argv: string[]): string[] {
  const [first, ...rest] = argv;
  const words = first === 'help' ? [...rest, '--help'] : argv.length === 0 ? ['--help'] : argv;
  const verb = words.find((word, at) => !word.startsWith('-') && words[at - 1] !== '--server');
  // An unknown verb with --help would print the whole help and exit with 0. Without --help, the
  // parser reports the unknown verb.
  return verb === undefined || isVerb(verb) ? words : [verb];
}

const isVerb = (word: string) => verbNames.includes(word);

/**
 * Returns the version in package.json. The file is one directory up in a clone, and two directories
 * up in an installed package (dist/client).
 */
function version(): string {
  const places = ['../package.json', '../../package.json'];
  const file = places.map((path) => new URL(path, import.meta.url)).find((it) => existsSync(it));
  if (!file) return 'unknown';
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/**
 * Makes the program with the verbs in `names`. If a person chose a verb, the program calls
 * `execute` with the work of this verb.
 */
export async function createProgram(
  execute: Execute,
  { stdout, stderr }: Pick<Surroundings, 'stdout' | 'stderr'> = process,
  names: readonly string[] = verbNames,
): Promise<Command> {
  const program = new Command('plimsoll')
    .description(
      'A release starts only when every gate is open. A deploy ends proven healthy, or rolled back.',
    )
    .usage('[options] <command>')
    .version(version(), '--version', 'print the version of Plimsoll')
    .option('--json', 'print data as JSON on stdout')
    .option('--no-input', 'never ask a question; fail if a person must answer')
    .option('--no-color', 'print no colours (NO_COLOR does the same)')
    .option(
      '--server <url>',
      'the door of a worker, instead of Temporal (default: PLIMSOLL_SERVER)',
    )
    .configureHelp({ showGlobalOptions: true, subcommandTerm: (command) => command.name() })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      getOutHelpWidth: () => stdout.columns ?? helpWidth,
      getErrHelpWidth: () => stderr.columns ?? helpWidth,
    })
    .showHelpAfterError(`Every command: ${plimsoll} --help`)
    .helpCommand(false)
    .exitOverride();
  for (const { name, listing, verb } of await loadVerbs(names)) {
    const { group, summary } = listing;
    verb(program.command(name).description(summary).helpGroup(`${group}:`), execute);
  }
  return program.addHelpText('after', epilogue);
}

/** The width of the help in columns, if the output is not a terminal. */
const helpWidth = 100;

const epilogue = `
About one command: ${plimsoll} help COMMAND

Exit codes: 0 ok · 1 failed · 2 usage · 3 rejected, expired, unproven or inconclusive ·
  4 not allowed · 5 rolled back · 6 target changed · 7 gate closed · 8 still running ·
  9 rolled back; still failing · 130 Ctrl-C

Connection: PLIMSOLL_SERVER is the address of a worker's door. Without it, commands use Temporal:
  TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_PROFILE.
  These variables mean the same as for the temporal command.`;
