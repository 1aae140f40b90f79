import { afterAll, beforeAll, expect, test } from 'vitest';
import { project, vercelFixture } from '../../../sandbox/platforms/vercel/vercel-fixture.ts';
import type { VercelFixture } from '../../../sandbox/platforms/vercel/vercel-fixture.ts';

let fixture: VercelFixture;
beforeAll(async () => {
  fixture = await vercelFixture();
});
afterAll(() => fixture.close());

const linesOf = async (build: string) => {
  const { id } = await fixture.push({ 'package.json': JSON.stringify({ scripts: { build } }) });
  await fixture.ended(id);
  return await fixture.client.failingLines({ project, id });
};

test('at most twenty lines, the last ones', async () => {
  const lines = await linesOf('for n in $(seq 30); do echo "error $n" >&2; done; exit 1');
  expect(lines).toHaveLength(20);
  expect(lines.slice(-2)).toEqual(['error 30', 'Error: Command "npm run build" exited with 1']);
});

test('no secret, no control character, no endless line', async () => {
  const planted = ['npm_', 'a1B2c3D4'.repeat(5)].join('');
  const [first = '', second = '', third = ''] = await linesOf(
    `echo "NPM_TOKEN=${planted}" >&2; printf '\\033[31mred\\033[0m\\n' >&2; ` +
      `seq -s ' ' 2000 >&2; exit 1`,
  );
  expect([first, second]).toEqual(['NPM_TOKEN=…', 'red']);
  expect(third.length).toBeLessThanOrEqual(200);
});

test('of a build that wrote no error, what it wrote at all', async () => {
  const { id } = await fixture.push({ 'package.json': '{"scripts":{"build":"echo built"}}' });
  await fixture.ended(id);
  expect(await fixture.client.failingLines({ project, id })).toEqual([
    'Running "npm run build"',
    'built',
    'Build Completed',
  ]);
});

test('of a build that never started, nothing', async () => {
  fixture.vercel.blockNextBuild(project);
  const { id } = await fixture.push({ 'README.md': 'blocked\n' });
  expect(await fixture.client.failingLines({ project, id })).toEqual([]);
});
