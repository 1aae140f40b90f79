import { expect, test } from 'vitest';
import { startDoor } from '../support/door.ts';
import type { Somebody } from '../support/door.ts';
import { expectAllRefused, noLimits } from '../support/door-calls.ts';

test(
  '2,000 calls with one changed field reach Temporal 0 times',
  { timeout: 600_000 },
  async () => {
    const door = await startDoor({ rates: noLimits });
    const tokens = {} as Record<Somebody, string>;
    for (const name of ['ana', 'ben', 'ci'] as const) tokens[name] = await door.login(name);
    await expectAllRefused(door, tokens, 2_000);
    expect(door.known().last.length).toBe(100);
    await door.close();
  },
);
