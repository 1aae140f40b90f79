import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { plain, within } from './row.ts';
import type { Row } from './row.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Measures `npm start -- --exit` on a machine that has downloaded everything already. */
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
    plain('  exit code of npm start', String(code)),
    ...deploys.map(({ project, outcome, seconds, historyEvents }) =>
      plain(`  ${project}: ${outcome}, ${historyEvents} events`, `${seconds} s`),
    ),
  ];
}

type Told = {
  deploys: { project: string; outcome: string; seconds: number; historyEvents: number }[];
};
