import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportRange } from '../../../activities/git/export-range.ts';
import { hostAndGit } from './host.ts';

let at: Awaited<ReturnType<typeof hostAndGit>>;
let shas: string[];
const name = 'acme/shop';
beforeAll(async () => {
  at = await hostAndGit();
  shas = await at.host.createRepository(name, [
    { files: { a: 'one\n', 'b/c': 'kept\n' }, message: 'One' },
    {
      files: { a: 'two\n', 'x y': 'short-lived\n', 'deep/in/it': 'nested\n' },
      message: 'Two\n\nwith a body',
    },
    { files: { a: 'three\n', 'x y': null, 'deep/in/it': null }, message: 'Three' },
    { files: { a: 'four\n' }, message: 'Four' },
  ]);
});
afterAll(() => at.close());

const range = async (from: number | null, most?: number) => {
  const git = await at.git.plumbing(at.host.url(name));
  const span = { from: from === null ? null : shas[from]!, to: shas[3]! };
  return exportRange(git, at.workspace, span, most);
};
/** The contents that the range removed, in parts. Each part maps a file name to a text. */
const gone = async (from: number | null, most?: number) => {
  const parts: Record<string, string>[] = [];
  const seen: string[] = [];
  const { visitGone } = await range(from, most);
  await visitGone(async (directory) => {
    seen.push(directory);
    const files = readdirSync(directory, { recursive: true, withFileTypes: true });
    parts.push(
      Object.fromEntries(
        files
          .filter((file) => file.isFile())
          .map((file) => [file.name, readFileSync(join(file.parentPath, file.name), 'utf8')]),
      ),
    );
  });
  expect(seen.filter(existsSync)).toEqual([]);
  return parts;
};

test('contents that the commits added and the last one lacks, and nothing older', async () => {
  const [part] = await gone(0);
  expect(part).toMatchObject({ 'x y': 'short-lived\n', it: 'nested\n' });
  expect(Object.values(part ?? {})).not.toContain('one\n');
  expect(Object.values(part ?? {})).not.toContain('kept\n');
  expect(await gone(2)).toEqual([]);
  expect(await gone(3)).toEqual([]);
});

test('without a beginning the whole history', async () => {
  const { commits, messages } = await range(null);
  expect(commits).toBe(4);
  expect(messages.map(({ message }) => message.trim())).toEqual([
    'Four',
    'Three',
    'Two\n\nwith a body',
    'One',
  ]);
  expect(messages.map(({ sha }) => sha)).toEqual(shas.toReversed());
});

test('a long history comes in parts, none of which is left on the disk', async () => {
  const parts = await gone(null, 1);
  expect(parts.flatMap((part) => Object.values(part)).toSorted()).toEqual([
    'nested\n',
    'one\n',
    'short-lived\n',
    'three\n',
    'two\n',
  ]);
  expect(parts).toHaveLength(5);
});

test('the commit that added a content', async () => {
  const { visitGone, broughtBy } = await range(null);
  const found: Record<string, string | null> = {};
  await visitGone(async (directory) => {
    for (const blob of readdirSync(directory))
      found[readdirSync(join(directory, blob))[0]!] = await broughtBy(blob);
  });
  expect(found['x y']).toBe(shas[1]);
  expect(await broughtBy('0'.repeat(40))).toBe(null);
});

test('a part whose visit fails is not left either', async () => {
  const { visitGone } = await range(null);
  let where = '';
  const failing = visitGone(async (directory) => {
    where = directory;
    throw new Error('boom');
  });
  await expect(failing).rejects.toThrow('boom');
  expect(existsSync(where)).toBe(false);
});
