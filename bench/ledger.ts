import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLedger } from '../activities/ledger/ledger.ts';
import { createSeals } from '../activities/lib/seals.ts';
import { median, plain, within } from './row.ts';
import type { Row } from './row.ts';

const runs = 400;
const ms = (value: number) => `${value.toFixed(2)} ms`;

/** Measures how long it takes to append a row to a ledger in memory, and to verify a row. */
export async function ledgerRows(): Promise<Row[]> {
  const seals = createSeals(generateKeyPairSync('ed25519').privateKey);
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-bench-'));
  const onDisk = join(directory, 'ledger.db');
  const without = await appended(':memory:');
  const sealed = await appended(':memory:', seals);
  const disk = await appended(onDisk, seals);
  await rm(directory, { recursive: true, force: true });
  return [
    within('ledger: append a sealed row, without the disk', sealed.append, 1, ms),
    plain('ledger: append a row without a seal, without the disk', ms(without.append)),
    plain('ledger: append a sealed row, confirmed by the disk', ms(disk.append)),
    within('ledger: verify a sealed row (CPU)', sealed.verify, 0.5, ms),
    within('ledger: read a row and check its seal (CPU)', sealed.first, 1, ms),
    plain('ledger: read a checked row again (CPU)', ms(sealed.again)),
  ];
}

async function appended(path: string, seals?: ReturnType<typeof createSeals>) {
  const ledger = await openLedger({ path }, seals);
  const times: number[] = [];
  for (let n = 0; n < runs; n += 1) {
    const about = { deployId: `d-${n}`, project: 'shop', environment: 'production' };
    const from = performance.now();
    await ledger.append({
      kind: 'started',
      key: `k${n}`,
      ...about,
      body: { text: 'x'.repeat(1000) },
    });
    times.push(performance.now() - from);
  }
  const cpuOf = async (work: () => Promise<unknown>) => {
    const used = process.cpuUsage();
    await work();
    return process.cpuUsage(used).user / 1000 / runs;
  };
  const readAll = async () => {
    for (let n = 0; n < runs; n += 1) await ledger.find(`k${n}`);
  };
  const verify = await cpuOf(() => ledger.verify());
  const first = await cpuOf(readAll);
  const again = await cpuOf(readAll);
  await ledger.close();
  return { append: median(times), verify, first, again };
}
