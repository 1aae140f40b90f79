import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { modules } from '../../activities/platforms/index.ts';
import { platformNames, platforms } from '../../domain/platforms/index.ts';
import type { Platform } from '../../domain/platforms/index.ts';

const roots = ['domain', 'activities', 'workflows', 'worker', 'client'];
const sources = roots.flatMap((root) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(root, file)),
);
const roomsOf = (platform: Platform) => [
  `domain/platforms/${platform}/`,
  `activities/platforms/${platform}/`,
  `workflows/platforms/${platform}.ts`,
];
const tables = ['activities', 'domain', 'workflows'].map((root) => `${root}/platforms/index.ts`);
/**
 * These files may contain the name of the platform vps, because `plimsoll init` writes a
 * plimsoll.yaml for a host.
 */
const first = ['client/init/first-yaml.ts', 'client/init/host-key.ts'];

describe.each(platformNames)('%s', (platform) => {
  const isOwn = (file: string) => roomsOf(platform).some((room) => file.startsWith(room));

  test('has its spec, its module, its procedure and a suite that it runs', () => {
    expect([platforms[platform], modules[platform]].every(Boolean)).toBe(true);
    expect(existsSync(`workflows/platforms/${platform}.ts`)).toBe(true);
    expect(readFileSync(`test/conformance/${platform}.test.ts`, 'utf8')).toContain('conforms({');
  });

  test('is named by the three tables and by no other file outside its rooms', () => {
    const word = new RegExp(`\\b${platform}\\b`);
    const naming = sources.filter((file) => !isOwn(file) && word.test(readFileSync(file, 'utf8')));
    expect(naming.filter((file) => !first.includes(file)).toSorted()).toEqual(tables);
  });

  test('names no other platform', () => {
    const others = platformNames.filter((name) => name !== platform);
    const word = new RegExp(`platforms/(${others.join('|')})[/.]|'\\.\\./(${others.join('|')})/`);
    expect(sources.filter((file) => isOwn(file) && word.test(readFileSync(file, 'utf8')))).toEqual(
      [],
    );
  });
});

test('no two platforms have an activity of one name, and every summary fits', () => {
  const names = platformNames.flatMap((name) => Object.keys(platforms[name].summaries));
  expect(new Set(names).size).toBe(names.length);
  const texts = platformNames.flatMap((name) => Object.values<string>(platforms[name].summaries));
  expect(texts.filter((text) => text.trim() === '' || Buffer.byteLength(text) > 190)).toEqual([]);
});
