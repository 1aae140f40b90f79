import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { check, upward } from '../../bin/rooms.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

test('every room imports only rooms below it', () => {
  expect(check(root)).toEqual([]);
});

test.each([
  ['a value', "import { a } from '../messages/a.ts';"],
  ['a type', "import type { A } from '../messages/a.ts';"],
  ['several lines', "import {\n  a,\n  b,\n} from '../messages/a.ts';"],
  ['what is exported again', "export type * from '../messages/a.ts';"],
  ['an import for its effect', "import '../messages/a.ts';"],
])('an import that goes up is found: %s', (_, source) => {
  expect(upward(['domain/deploy/x.ts'], () => source)).toEqual([
    'domain/deploy/x.ts -> domain/messages/a.ts',
  ]);
});

test('a platform imports no other platform, the table of platforms imports all', () => {
  const source = "import type { A } from '../vercel/a.ts';\nimport { b } from './vercel/b.ts';";
  expect(upward(['activities/platforms/vps/x.ts'], () => source)).toEqual([
    'activities/platforms/vps/x.ts -> activities/platforms/vercel/a.ts',
  ]);
  expect(upward(['activities/platforms/index.ts'], () => source)).toEqual([]);
});

test('a platform that is new is a room of its own, without a line in the list', () => {
  const ofVps = "import { a } from '../../vps/a.ts';\nimport { b } from '../steps.ts';";
  expect(upward(['domain/platforms/nimbus/api/x.ts'], () => ofVps)).toEqual([
    'domain/platforms/nimbus/api/x.ts -> domain/platforms/vps/a.ts',
  ]);
  const ofNimbus = "import { a } from '../nimbus/a.ts';\nimport { b } from '../driver.ts';";
  expect(upward(['activities/platforms/vps/x.ts'], () => ofNimbus)).toEqual([
    'activities/platforms/vps/x.ts -> activities/platforms/nimbus/a.ts',
  ]);
});

test('where types alone may go up, values may not', () => {
  const file = 'domain/deploy/targets.ts';
  expect(upward([file], () => "import type { T } from '../platforms/index.ts';")).toEqual([]);
  expect(upward([file], () => "import { t } from '../platforms/index.ts';")).toHaveLength(1);
});
