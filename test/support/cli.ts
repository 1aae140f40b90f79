import { environment, plimsoll } from '../../sandbox/fleet/processes.ts';
import type { Answer } from '../../sandbox/fleet/processes.ts';
import { runCli as runInside } from './run-cli.ts';

/** Commands that read or change the environment of their own process. */
const needProcess = new Set(['doctor', 'worker', 'up', 'init', 'sandbox', 'scan']);

/** Runs `plimsoll ARGS`. A command that needs no process of its own runs inside this process. */
export function runCli(address: string, args: string[], env = {}): Promise<Answer> {
  return needProcess.has(args[0] ?? '')
    ? plimsoll(address, args, env)
    : runInside(args, environment(address, env));
}
