import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { lift } from '../../../client/commands/lift.ts';
import { startStack } from '../stub/stack.ts';
import type { Stack } from '../stub/stack.ts';

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
      'Deploy the commit: plimsoll deploy shop production --ref COMMIT',
    ]);
  });

  it('that is refused exits 4 with the reason', async () => {
    expect(await failure({ as: 'mallory' })).toEqual({
      exitCode: 4,
      message:
        'The decision does not count: mallory is not a configured approver. The ledger records it, and the commit stays in quarantine.\n' +
        "Only these people may lift the quarantine: the approvers in the worker's plimsoll.yaml. They sign with --as NAME --key PATH",
    });
  });

  it.each([
    [{ sha: 'ccccccc' }, 'ccccccc is not quarantined in shop production.', ' production'],
    [{ environment: 'staging' }, 'bbbbbbb is not quarantined in shop staging.', ' staging'],
  ])('of what is not quarantined exits 2: %j', async (over, what, place) => {
    expect(await failure(over)).toEqual({
      exitCode: 2,
      message: `${what} Nothing was signed.\nSee the quarantined commits: plimsoll history shop${place}`,
    });
  });

  it.each([
    [{ sha: 'main' }, 'lift needs 7 to 40 digits of a commit, not "main".'],
    [{ sha: 'bbb' }, 'lift needs 7 to 40 digits of a commit, not "bbb".'],
    [{ reason: ' ' }, 'lift needs a --reason of 1 to 500 characters.'],
    [{ reason: 'x'.repeat(501) }, 'lift needs a --reason of 1 to 500 characters.'],
  ])('with %j exits 2', async (over, what) => {
    expect(await failure(over)).toEqual({
      exitCode: 2,
      message:
        `${what} Nothing was signed.\n` +
        'plimsoll lift shop production SHA --reason "why it is safe"',
    });
  });

  it('of an unknown project exits 2', async () => {
    expect((await failure({ project: 'sohp' })).message).toContain('Did you mean "shop"?');
  });
});
