import { existsSync, readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { plimsoll } from '../domain/messages.ts';
import { report } from './errors.ts';
import { createIo } from './io.ts';
import type { GlobalOptions, Io } from './io.ts';
import { addVerbs } from './verbs.ts';

/** A command's work: its exit code, or an error that `report` prints. */
export type Run = (io: Io) => Promise<number>;

/** Parses `argv` without program names, runs one command, and gives the exit code. Never throws. */
export async function main(argv: string[]): Promise<number> {
  let code = 0;
  const program = createProgram(async (run) => {
    const io = createIo(program.opts<GlobalOptions>());
    code = await run(io).catch((error: unknown) => report(error, io));
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return report(error, createIo({}));
  }
}

/** From a clone the package lies one directory up, installed (dist/client) two. */
export function version(): string {
  const places = ['../package.json', '../../package.json'];
  const file = places.map((path) => new URL(path, import.meta.url)).find((it) => existsSync(it));
  if (!file) return 'unknown';
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** `execute` gets the chosen command's work; nothing but help and usage errors happens before it. */
export function createProgram(execute: (run: Run) => Promise<void>): Command {
  const program = new Command('plimsoll')
    .description('Deploys that start only when every gate is green, and end proven or taken back.')
    .version(version(), '--version', 'which Plimsoll this is')
    .option('--json', 'data as JSON on stdout')
    .option('--no-input', 'never ask; refuse where a person must answer')
    .option('--no-color', 'no colors (NO_COLOR does the same)')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError(`Every command: ${plimsoll} --help`)
    .helpCommand(false)
    .exitOverride();
  addVerbs(program, execute);
  return program.addHelpText('after', exitCodeHelp);
}

const exitCodeHelp = `
Exit codes: 0 ok · 1 failed · 2 usage · 3 rejected, expired, unproven or inconclusive ·
  4 not allowed · 5 rolled back · 6 target changed · 7 gate closed · 8 still running · 130 Ctrl-C

Connection: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_PROFILE, as the
  temporal command reads them.`;
