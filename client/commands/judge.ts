import { readFile } from 'node:fs/promises';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { judgeFile } from '../judge.ts';

const codes = {
  healthy: exitCodes.ok,
  rollback: exitCodes.rolledBack,
  inconclusive: exitCodes.unproven,
};

/** The product's own judge over a file of numbers: exit 0 healthy, 5 rollback, 3 inconclusive. */
export async function judge(io: Io, { file }: { file: string }): Promise<number> {
  const result = judgeFile(await readText(file));
  const { verdict, rollbackAtLook, logE, logH } = result;
  const last = (values: number[]) => values.at(-1)?.toFixed(4) ?? 'none';
  const at = rollbackAtLook === null ? '' : ` at look ${rollbackAtLook}`;
  const evidence = `evidence against ${last(logE)}, for ${last(logH)} after ${logE.length} looks`;
  io.data(result, `${verdict}${at}\n${evidence}`);
  return codes[verdict];
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UserError(
      `${file} cannot be read: ${(cause as NodeJS.ErrnoException).code ?? 'unknown error'}.\n` +
        'It is a JSON file: {"looks":[0,0,1],"plannedLooks":180}',
      exitCodes.usage,
    );
  }
}
