import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPreviousGate } from '../../../activities/gates/previous.ts';
import { openLedger } from '../../../activities/ledger/ledger.ts';
import type { Ledger, NewEntry } from '../../../activities/ledger/types.ts';
import { final, transient } from '../../../activities/lib/fail.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import { closed, entry, release, sha } from '../ledger/ledger-fixture.ts';
import { planFor } from '../plan/plan-fixture.ts';

let directory: string;
let ledger: Ledger;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'plimsoll-previous-'));
  ledger = await openLedger({ path: join(directory, 'ledger.db') });
});
afterEach(async () => {
  await ledger.close();
  rmSync(directory, { recursive: true });
});

const plan = planFor({ sha: sha('b') });
const check = (from: Pick<Ledger, 'read'> = ledger) =>
  createPreviousGate({ ledger: from })({ plan, after: 'staging' });
const remember = async (...entries: NewEntry[]) => {
  for (const one of entries) await ledger.append(one);
};
const staged = (deployId: string, outcome = 'succeeded', digit = 'b') => ({
  ...closed(deployId, digit, outcome),
  environment: 'staging',
});
const quarantine = (body: object, deployId = 'd-9') =>
  entry(`${deployId}/quarantine`, { kind: 'quarantine', deployId, body: { why: 'bad', ...body } });
const lifted = entry('lift/1', { kind: 'lifted', deployId: 'd-9', body: { sha: sha('b') } });
const revert = (body: object) =>
  entry('d-9/revert', { kind: 'revert', deployId: 'd-9', body: { note: 'x', ...body } });
const incident = (rolledBackTo: string) =>
  entry('d-9/incident', {
    kind: 'incident',
    deployId: 'd-9',
    body: { rolledBackTo: release(rolledBackTo) },
  });
const failed = closed('d-9', 'b', 'rolled-back');

const open = async (...entries: NewEntry[]) => {
  await remember(...entries);
  return (await check()).open;
};
const why = async (...entries: NewEntry[]) => {
  await remember(...entries);
  return (await check()).reasons.join('\n');
};

describe('the gate of the environment before', () => {
  test('opens for a commit that succeeded there', async () => {
    await remember(staged('d-1'));
    expect(await check()).toEqual({
      gate: 'previous',
      open: true,
      reasons: [expect.stringMatching(/^bbbbbbb succeeded in staging \(\d{4}-.*Z\)$/)],
      checkedAt: expect.stringMatching(/Z$/) as string,
    });
  });

  test.each<[string, NewEntry[]]>([
    ['nothing was deployed', []],
    ['it succeeded here only', [closed('d-1', 'b')]],
    ['another commit succeeded there', [staged('d-1', 'succeeded', 'c')]],
    ['another project', [{ ...staged('d-1'), project: 'blog' }]],
    ['it is under way there', [entry('d-1', { environment: 'staging', body: { sha: sha('b') } })]],
  ])('knows of none where %s', async (_, entries) => {
    expect(await why(...entries)).toMatch(
      /^no deploy of bbbbbbb to staging, the previous environment, has ended/,
    );
  });

  test('heeds the newest end of this commit, whatever came of others', async () => {
    expect(await open(staged('d-1'), staged('d-2', 'rolled-back'))).toBe(false);
    expect(await why()).toMatch(/^bbbbbbb ended rolled-back in staging/);
    expect(await open(staged('d-3'), staged('d-4', 'rolled-back', 'c'))).toBe(true);
  });

  test('an entry that says no outcome is none that succeeded', async () => {
    const silent = { ...staged('d-1'), body: { sha: sha('b') } };
    expect(await why(silent)).toMatch(/^bbbbbbb ended unknown in staging/);
  });
});

describe('a rollback of the commit since then', () => {
  test('a quarantine in any environment closes the gate until it is lifted', async () => {
    expect(await why(staged('d-1'), failed, quarantine({ sha: sha('b') }))).toMatch(
      /^bbbbbbb succeeded in staging but is quarantined since .* \(bad\)\. .* lift shop production b{12} /,
    );
    expect(await open(lifted)).toBe(true);
  });

  test('an older quarantine that stands closes it, too', async () => {
    expect(await open(failed, quarantine({ sha: sha('b') }), staged('d-1'))).toBe(false);
  });

  test('a quarantine of its release alone closes it, one of a release elsewhere does not', async () => {
    expect(await open(staged('d-1'), quarantine({ release: release('c') }))).toBe(true);
    expect(await open(quarantine({ release: release('b') }, 'd-8'))).toBe(false);
  });

  test('an end without a release does not count as quarantined', async () => {
    const bare = { ...staged('d-1'), body: { outcome: 'succeeded', sha: sha('b') } };
    expect(await open(bare, quarantine({ sha: sha('c') }))).toBe(true);
  });

  test('if the same commit was rolled back to, only its other settings were bad', async () => {
    expect(await open(staged('d-1'), failed, incident('b'), quarantine({ sha: sha('b') }))).toBe(
      true,
    );
  });

  test('a revert closes it until the commit succeeds there again', async () => {
    expect(await why(staged('d-1'), failed, revert({ sha: sha('e') }))).toMatch(
      /^bbbbbbb succeeded in staging, but a deploy to production reverted it later/,
    );
    expect(await open(staged('d-2'))).toBe(true);
  });

  test('a revert of another commit, or one that was not needed, does not', async () => {
    const other = closed('d-8', 'c', 'rolled-back');
    expect(await open(staged('d-1'), failed, revert({ sha: null }))).toBe(true);
    const undone = entry('d-8/revert', {
      kind: 'revert',
      deployId: 'd-8',
      body: { sha: sha('e') },
    });
    expect(await open(other, undone)).toBe(true);
  });
});

describe('a ledger that does not answer', () => {
  const says = (failure: Error) => ({ read: () => Promise.reject(failure) });

  test('for good is a closed gate', async () => {
    const broken = final(failures.misconfigured, 'The ledger is no database.\nName another.');
    expect(await check(says(broken))).toMatchObject({
      open: false,
      reasons: [
        'a source could not be read: The ledger is no database. Name another. There is no data, so the ' +
          'gate stays closed.',
      ],
    });
  });

  test('for now is asked again', async () => {
    await expect(check(says(transient('locked')))).rejects.toThrow('locked');
  });
});
