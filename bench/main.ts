import { cpus, loadavg } from 'node:os';
import { deployRows } from './deploys.ts';
import { eventRows } from './events.ts';
import { helpRows } from './help.ts';
import { isolationRows } from './isolation.ts';
import { judgeRows } from './judge.ts';
import { ledgerRows } from './ledger.ts';
import { preflightRows } from './preflight.ts';
import { quorumRows } from './quorum.ts';
import { print } from './row.ts';
import type { Row } from './row.ts';
import { scanRows } from './scan.ts';
import { startRows } from './start.ts';

type Measure = (tell: (rows: Row[]) => void) => Row[] | Promise<Row[]>;

// A figure over its limit does not fail the bench, because a busy machine measures worse figures.
const parts: [name: string, measure: Measure][] = [
  ['help', helpRows],
  ['judge', judgeRows],
  ['quorum', quorumRows],
  ['ledger', ledgerRows],
  ['scan', scanRows],
  ['isolation', isolationRows],
  ['preflight', preflightRows],
  ['events', eventRows],
  ['deploys', deployRows],
  ['start', startRows],
];
const wanted = process.argv.slice(2);

for (const [name, measure] of parts) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const load = loadavg()[0]?.toFixed(1);
  process.stdout.write(`\n${name}  (${cpus().length} cores, load ${load} before)\n`);
  try {
    print(await measure(print));
  } catch (cause) {
    // Open handles would keep this process running, so it must exit explicitly.
    console.error(cause);
    process.exit(1);
  }
}
process.exit(0);
