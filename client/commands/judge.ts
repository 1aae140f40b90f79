import { readFile } from 'node:fs/promises';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { Listing, Verb } from '../run.ts';

export const listing: Listing = {
  group: 'Tools',
  order: 2,
  summary: 'judge recorded numbers as the watch does; exit 0 healthy, 5 rollback, 3 inconclusive',
};

export const verb: Verb = (command, execute) =>
  command
    .argument('<file>', 'a JSON file: {baseline, config, series} or {samples, plannedSamples}')
    .action((file) => execute((io) => judge(io, { file })));

const codes = {
  healthy: exitCodes.ok,
  rollback: exitCodes.rolledBack,
  inconclusive: exitCodes.unproven,
};

/**
 * Judges the numbers in a file in the same way as the watch of a deploy. Exit 0: healthy. Exit 5:
 * rollback. Exit 3: inconclusive.
 */
export async function judge(io: Io, { file }: { file: string }): Promise<number> {
  const { judgeFile } = await import('../judge/judge-file.ts');
  const result = judgeFile(await readText(file));
  const { verdict, rollbackAtSample, logE, logH } = result;
  const last = (values: number[]) => values.at(-1)?.toFixed(4) ?? 'none';
  const at = rollbackAtSample === null ? '' : ` at sample ${rollbackAtSample}`;
  const evidence = `evidence against the release ${last(logE)}, evidence for the release ${last(logH)}, after ${logE.length} samples`;
  io.data(result, `${verdict}${at}\n${evidence}`);
  return codes[verdict];
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UserError(
      `${file} cannot be read: ${(cause as NodeJS.ErrnoException).code ?? 'unknown error'}.\n` +
        'Name a JSON file such as {"samples":[0,0,1],"plannedSamples":180}',
      exitCodes.usage,
    );
  }
}
