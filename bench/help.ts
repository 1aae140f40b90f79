import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median, ms, plain, within } from './row.ts';
import type { Row } from './row.ts';

const run = promisify(execFile);
const launcher = fileURLToPath(new URL('../bin/plimsoll.mjs', import.meta.url));
const runs = 15;

async function timed(args: string[]): Promise<number> {
  const from = performance.now();
  await run(process.execPath, args);
  return performance.now() - from;
}

/**
 * Measures the time of `plimsoll --help` and of `node -e 0`. The two commands run in turn, so that
 * a busy moment of the machine slows down both.
 */
export async function helpRows(): Promise<Row[]> {
  const [help, bare]: [number[], number[]] = [[], []];
  for (let index = 0; index < runs; index += 1) {
    help.push(await timed([launcher, '--help']));
    bare.push(await timed(['-e', '0']));
  }
  return [
    plain('bare node', ms(median(bare))),
    plain('plimsoll --help', ms(median(help))),
    within('plimsoll --help, minus bare node', median(help) - median(bare), 150, ms),
  ];
}
