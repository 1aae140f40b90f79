import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { plain, within } from './row.ts';
import type { Row } from './row.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** `npm start -- --exit`, as typed, with everything fetched already. */
export async function startRows(): Promise<Row[]> {
  const from = performance.now();
  const args = ['start', '--silent', '--', '--exit', '--json'];
  const child = spawn('npm', args, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk));
  const [code] = (await once(child, 'close')) as [number];
  const took = performance.now() - from;
  const { deploys } = JSON.parse(out.trim().split('\n').at(-1) ?? '{}') as Told;
  return [
    within('npm start -- --exit, warm', took, 90_000),
    plain('  its exit code', String(code)),
    ...deploys.map(({ project, outcome, seconds, historyEvents }) =>
      plain(`  ${project}: ${outcome}, ${historyEvents} events`, `${seconds} s`),
    ),
  ];
}

type Told = {
  deploys: { project: string; outcome: string; seconds: number; historyEvents: number }[];
};
