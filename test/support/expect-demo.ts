import { expect } from 'vitest';
import { eventually } from './e2e.ts';
import type { useDemo } from './demo.ts';

const platforms = {
  vercel: /^(barber|delhi)/,
  northflank: /^openclaw/,
  cloudflare: /^(personal|agency)/,
};

/** A deploy of the demo: its place, its expected outcome and the cause of its rollback. */
export type DemoDeploy = [place: string, expected: string, cause?: string];

const rowOf = ([place, expected, cause]: DemoDeploy): object => {
  const [project = '', environment] = place.split(' ');
  const [platform] = Object.entries(platforms).find(([, names]) => names.test(place)) ?? ['vps'];
  return {
    ...{ project, environment, platform, expected, outcome: expected, cause: cause ?? null },
    ...{ seconds: expect.any(Number), historyEvents: expect.any(Number) },
  };
};

/**
 * Runs the demo with these options. Expects that it ends with 0, makes these deploys, prints these
 * lines, and leaves no process and no file.
 */
export async function expectDemo(
  demo: ReturnType<typeof useDemo>,
  options: readonly string[],
  wanted: { deploys: readonly DemoDeploy[]; lines: readonly RegExp[] },
) {
  const started = demo.start(...options);
  const [code] = (await started.ended) as [number];
  const last = started.said.out.trimEnd().split('\n').at(-1) ?? '';
  expect({ code, err: code === 0 ? '' : started.said.err }).toEqual({ code: 0, err: '' });
  const { deploys, ui } = JSON.parse(last);
  expect(ui).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(deploys).toEqual(wanted.deploys.map(rowOf));
  for (const line of wanted.lines) expect(started.said.err).toMatch(line);
  await eventually('all processes are gone', () => demo.processes().length === 0, 10_000);
  expect(demo.processes()).toEqual([]);
  expect(demo.files()).toEqual([]);
}
