import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { scan } from '../../../client/commands/scan.ts';
import type { ScanOptions } from '../../../client/commands/scan.ts';
import { fingerprintOf } from '../../../activities/gates/secrets/lint.ts';
import { recordedIo } from '../../support/io.ts';

/** A fake secret. The code joins it from parts, so that secret scanners do not report this file. */
const key = ['sk', 'live', 'a1B2c3D4e5F6g7H8i9J0k1L2'].join('_');
const fingerprint = fingerprintOf(key);

let root: string;
let tree: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'plimsoll-scan-cli-'));
  tree = join(root, 'tree');
  mkdirSync(tree);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const run = async (json: boolean, options: ScanOptions = {}, directory = tree) => {
  const io = recordedIo({ json });
  const code = await scan(io, directory, options);
  return { code, stdout: io.stdout.join('\n') };
};
const configured = (until: string) => {
  const example = fileURLToPath(new URL('../../../examples/plimsoll.yaml', import.meta.url));
  const config = join(root, 'plimsoll.yaml');
  const text = readFileSync(example, 'utf8')
    .replace('fingerprint: 0f1e2d3c4b5a6978', `fingerprint: '${fingerprint}'`)
    .replace('until: 2027-06-30', `until: ${until}`);
  writeFileSync(config, text);
  return { project: 'shop', config };
};

it('finds nothing: exit 0', async () => {
  writeFileSync(join(tree, 'a.ts'), 'export const fine = 1;\n');
  expect(await run(true)).toEqual({ code: 0, stdout: '{"files":1,"findings":[]}' });
  expect(await run(false)).toEqual({ code: 0, stdout: '1 files scanned, 0 secrets' });
});

it('shows no terminal code that the name of a file holds', async () => {
  writeFileSync(join(tree, 'a\u001b[2K.ts'), `export const key = '${key}';\n`);
  expect((await run(false)).stdout).toBe(
    `a\\u001B[2K.ts:1 contains a secret (stripe, ${fingerprint})\n1 files scanned, 1 secrets`,
  );
});

it('finds a key: exit 7, and never shows it', async () => {
  writeFileSync(join(tree, 'a.ts'), `\nexport const key = '${key}';\n`);
  const { code, stdout } = await run(true);
  expect(code).toBe(7);
  expect(JSON.parse(stdout)).toEqual({
    files: 1,
    findings: [{ file: 'a.ts', line: 2, rule: 'stripe', fingerprint }],
  });
  expect(stdout).not.toContain(key.slice(8));
  expect((await run(false)).stdout).toBe(
    `a.ts:2 contains a secret (stripe, ${fingerprint})\n1 files scanned, 1 secrets`,
  );
});

it("leaves out what the project's configuration allows, until it ends", async () => {
  writeFileSync(join(tree, 'a.ts'), `key = '${key}'\n`);
  expect(await run(true, configured('2999-12-31'))).toEqual({
    code: 0,
    stdout: '{"files":1,"findings":[]}',
  });
  expect((await run(false, configured('2999-12-31'))).stdout).toBe(
    '1 files scanned, 0 secrets, 1 allowed',
  );
  const ended = await run(false, configured('2020-01-01'));
  expect(ended.code).toBe(7);
  expect(ended.stdout).toContain(
    `a.ts:1 contains a secret (stripe, ${fingerprint}, was allowed until 2020-01-01: "the test key of the payment documentation")`,
  );
});

it.each<[string, () => Promise<unknown>, number, string]>([
  [
    'nothing to scan',
    () => run(false),
    1,
    'an empty scan proves nothing.\nName the directory that is deployed: plimsoll scan .',
  ],
  [
    'no directory',
    () => run(false, {}, join(tree, 'nowhere')),
    2,
    'nowhere does not exist: nothing was scanned.\nName a directory: plimsoll scan .',
  ],
  [
    'a project that is not configured',
    () => run(false, { ...configured('2999-12-31'), project: 'shoop' }),
    2,
    'has no project "shoop". Nothing was scanned.\nKnown projects: shop, ',
  ],
])('%s is an error', async (_, scanned, exitCode, text) => {
  const error = await scanned().catch((cause: unknown) => cause);
  expect(error).toMatchObject({ exitCode, message: expect.stringContaining(text) });
});

it('reports what it found and fails if a rule crashed', async () => {
  const crashed = Array.from({ length: 7 }, (_, index) => `the scan of ${index}.txt`);
  const io = recordedIo({ json: true });
  const look = async () => ({ files: 3, crashed, against: [], allowed: [] });
  const error = await scan(io, tree, {}, look).catch((cause: unknown) => cause);
  expect(io.stdout).toEqual(['{"files":3,"findings":[]}']);
  expect(error).toMatchObject({
    exitCode: 1,
    message:
      'the scan of 0.txt, the scan of 1.txt, the scan of 2.txt, the scan of 3.txt, the scan of 4.txt and 2 more ' +
      'crashed, so these files may contain secrets.\nMake these files readable, or remove them, and scan again.',
  });
});
