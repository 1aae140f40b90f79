import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { workflowBundle } from '../../../worker/engine/workflow-bundle.ts';

const home = mkdtempSync(join(tmpdir(), 'plimsoll-bundles-'));
const bundles = join(home, 'plimsoll', 'bundles');
const extra = join(home, 'extra.ts');
beforeAll(() => {
  vi.stubEnv('XDG_CACHE_HOME', home);
  writeFileSync(extra, 'export const interceptors = () => ({});\n');
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

test(
  'workers that start at once share one bundle, and old ones go',
  { timeout: 60_000 },
  async () => {
    const paths = await Promise.all([workflowBundle(), workflowBundle()]);
    expect(new Set(paths).size).toBe(1);
    expect(readdirSync(bundles).map((name) => join(bundles, name))).toEqual([paths[0]]);
    expect(readFileSync(paths[0]!, 'utf8')).toContain('deploy');
    const [old, young] = ['old.js', 'young.js'].map((name) => join(bundles, name)) as [
      string,
      string,
    ];
    for (const path of [old, young]) writeFileSync(path, '');
    utimesSync(old, new Date('2020-01-01'), new Date('2020-01-01'));
    const other = await workflowBundle([extra]);
    expect(
      readdirSync(bundles)
        .map((name) => join(bundles, name))
        .toSorted(),
    ).toEqual([paths[0], young, other].toSorted());
    writeFileSync(extra, 'export const interceptors = () => ({ inbound: [] });\n');
    expect(await workflowBundle([extra])).not.toBe(other);
  },
);

test('sources that do not bundle are an error with its end', { timeout: 60_000 }, async () => {
  writeFileSync(extra, "import './not-there.ts';\n");
  await expect(workflowBundle([extra])).rejects.toThrow(/not-there/);
  expect(readdirSync(bundles).filter((name) => name.endsWith('.lock'))).toEqual([]);
});
