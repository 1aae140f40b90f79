import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { lift } from '../../client/commands/lift.ts';
import { startStack } from './stub/stack.ts';
import type { Stack } from './stub/stack.ts';

let stack: Stack;
let stopWorker: () => Promise<void>;
beforeAll(async () => {
  stack = await startStack(inject('temporalBinary'));
  stopWorker = await stack.work();
  await stack.announce({ projects: { shop: ['production', 'staging'] } });
});
afterAll(async () => {
  await stopWorker?.();
  await stack?.stop();
});

const options = (over: object = {}) => ({
  ...{ project: 'shop', environment: 'production', sha: 'bbbbbbb', reason: 'the disk was full' },
  ...over,
});
const failure = async (over: object) => {
  const error = await lift(stack.io(), options(over)).then(
    (code) => new Error(`exit ${code}`),
    (cause: Error) => cause,
  );
  return { exitCode: (error as { exitCode?: number }).exitCode, message: error.message };
};

describe('lift', () => {
  it('signs for the whole commit, says what it was quarantined for, and exits 0', async () => {
    const io = stack.io();
    expect(await lift(io, options())).toBe(0);
    expect(io.stdout).toEqual(['Lifted: bob lifts it.']);
    expect(io.stderr).toEqual([
      'Quarantined since 2026-01-01T00:00:00.000Z: it lost carts',
      'Deploy it: npx --no plimsoll deploy shop production --ref COMMIT',
    ]);
  });

  it('that is refused exits 4 with the reason', async () => {
    expect(await failure({ as: 'mallory' })).toEqual({
      exitCode: 4,
      message:
        'It does not count: mallory is not a configured approver. It is recorded, and the quarantine stands.\n' +
        "Who may lift it: the approvers in the worker's plimsoll.yaml, each with --as NAME --key PATH",
    });
  });

  it.each([
    [{ sha: 'ccccccc' }, 'ccccccc is not quarantined in shop production.', ' production'],
    [{ environment: 'staging' }, 'bbbbbbb is not quarantined in shop staging.', ' staging'],
  ])('of what is not quarantined exits 2: %j', async (over, what, place) => {
    expect(await failure(over)).toEqual({
      exitCode: 2,
      message: `${what} Nothing was signed.\nWhat is: npx --no plimsoll history shop${place}`,
    });
  });

  it.each([
    [{ sha: 'main' }, 'A quarantine is of a commit: 7 to 40 digits, not "main".'],
    [{ sha: 'bbb' }, 'A quarantine is of a commit: 7 to 40 digits, not "bbb".'],
    [{ reason: ' ' }, 'A lift needs a reason of 1 to 500 characters: it is recorded.'],
    [{ reason: 'x'.repeat(501) }, 'A lift needs a reason of 1 to 500 characters: it is recorded.'],
  ])('with %j exits 2', async (over, what) => {
    expect(await failure(over)).toEqual({
      exitCode: 2,
      message:
        `${what} Nothing was signed.\n` +
        'npx --no plimsoll lift shop production SHA --reason "why it is safe"',
    });
  });

  it('of an unknown project exits 2', async () => {
    expect((await failure({ project: 'sohp' })).message).toContain('Did you mean "shop"?');
  });
});
