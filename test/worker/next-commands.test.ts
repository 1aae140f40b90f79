import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseConfig } from '../../worker/config/config.ts';
import { nextCommands } from '../../worker/next-commands.ts';

const example = readFileSync(new URL('../../examples/plimsoll.yaml', import.meta.url), 'utf8');
const config = parseConfig(example, 'plimsoll.yaml');

it('the next commands are ready to be copied', () => {
  expect(nextCommands(config, '127.0.0.1:7233')).toEqual([
    'plimsoll plan shop production',
    'plimsoll deploy shop production',
    'plimsoll status shop production',
  ]);
});

it('a server on another port is named in them', () => {
  expect(nextCommands(config, '127.0.0.1:4711')[0]).toBe(
    'TEMPORAL_ADDRESS=127.0.0.1:4711 plimsoll plan shop production',
  );
  expect(nextCommands({ projects: {} }, '127.0.0.1:7233')[0]).toBe(
    'plimsoll plan PROJECT ENVIRONMENT',
  );
});
