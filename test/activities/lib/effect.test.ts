import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, expectTypeOf, test } from 'vitest';
import { createActivities } from '../../../activities/index.ts';
import { mustBeInTime } from '../../../activities/lib/attempt.ts';
import { effect, effectName } from '../../../activities/lib/effect.ts';
import type {
  Activities,
  EffectName,
  PlainActivities,
} from '../../../domain/contract/activities.ts';
import type { Effect, Kinds } from '../../../domain/contract/effect.ts';
import { kinds } from '../../../domain/contract/kinds.ts';
import { MockActivityEnvironment } from '../../support/activity-environment.ts';
import { configOf, memory } from '../../support/planning.ts';
import { freshSeals } from '../../support/seals.ts';

const names = Object.keys(kinds).toSorted() as (keyof Activities)[];

function real(): Record<string, object> {
  const { activities, close } = createActivities({
    config: configOf(),
    ledger: memory.ledger,
    secret: () => 'x',
    seals: freshSeals(),
    workspace: mkdtempSync(join(tmpdir(), 'effect-')),
    remoteEndpoints: [],
  });
  close();
  return { ...activities };
}

test('the table has every activity, and effect() made exactly its effects, each by its own name', () => {
  const activities = real();
  expect(Object.keys(activities).toSorted()).toEqual(names);
  const made = names.map((name) => [name, effectName(activities[name]!)]);
  expect(made).toEqual(names.map((name) => [name, kinds[name] === 'effect' ? name : undefined]));
});

test('an effect does what its work does, and fails as it fails', async () => {
  const asked: unknown[] = [];
  const notify = effect('notify', async (note) => asked.push(note) === 1);
  const note = { deploy: {}, step: 'one' } as Parameters<typeof notify>[0];
  expect([await notify(note), await notify(note), asked]).toEqual([true, false, [note, note]]);
  const broken = new Error('the ledger is away');
  const append = effect('append', () => {
    throw broken;
  });
  await expect(append({} as Parameters<typeof append>[0])).rejects.toBe(broken);
});

test('an effect knows the end of its attempt', async () => {
  const notify = effect('notify', async () => {
    mustBeInTime();
    await delay(20);
    mustBeInTime();
    return true;
  });
  const attempt = new MockActivityEnvironment({ startToCloseTimeoutMs: 10 }).run(notify as never);
  await expect(attempt).rejects.toThrow('Temporal gives it up after 0 s');
});

test('nothing but effect() gives what the contract asks of an effect', () => {
  const bare = async () => true;
  // @ts-expect-error An effect must be wrapped by `effect`, and `bare` is not wrapped.
  const notify: Activities['notify'] = bare;
  // @ts-expect-error This function has the right result, but `effect` does not wrap it.
  const published: Activities['publishCommit'] = async () => ({ published: 'already' as const });
  // @ts-expect-error `effect` must wrap the effects of a platform, too.
  const switched: Pick<Activities, 'switchRelease'> = { switchRelease: async () => expect.fail() };
  const read: PlainActivities['readServed'] = async () => expect.fail();
  // @ts-expect-error `readServed` is a read, so `effect` does not accept this name.
  const wrapped = effect('readServed', read);
  // @ts-expect-error The activity `page` needs effect('page'), not effect('notify').
  const page: Activities['page'] = effect('notify', bare);
  expect([notify, published, switched, wrapped, page]).toHaveLength(5);
});

test('a new activity is in the table, as what its type says', () => {
  type New = { look(): Promise<void>; touch: Effect<[], void> };
  const both: Kinds<New> = { look: 'read', touch: 'effect' };
  // @ts-expect-error The table has no entry for the activity `touch`.
  const missing: Kinds<New> = { look: 'read' };
  // @ts-expect-error `touch` is an effect, but the table says 'read'.
  const wrong: Kinds<New> = { look: 'read', touch: 'read' };
  // @ts-expect-error `look` is a read, but the table says 'effect'.
  const other: Kinds<New> = { look: 'effect', touch: 'effect' };
  expect([both, missing, wrong, other]).toHaveLength(4);
});

test('a workflow calls a plain function, and a budget that is kept is an effect', () => {
  expectTypeOf<PlainActivities['notify']>().toEqualTypeOf<
    (...args: Parameters<Activities['notify']>) => Promise<boolean>
  >();
  expectTypeOf<'checkBudget'>().toExtend<EffectName>();
  expectTypeOf<'checkTests'>().not.toExtend<EffectName>();
});
