import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { DeployStatus, Exit, Next } from '../../domain/plan.ts';
import { exits, signals } from '../../domain/policy/exits.ts';
import { scenes } from '../support/exits-scenes.ts';
import { walk, wentTo } from '../support/exits-walk.ts';
import type { Scene, Sea, Verb, Walk } from '../support/exits-walk.ts';
import { bundle, timeSkipping } from '../support/saga.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;
beforeAll(async () => {
  code = await bundle();
  env = await timeSkipping(inject('timeSkippingServer'));
});
afterAll(() => env?.teardown());
const sea = (): Sea => ({ env, code });

/** What an order can change of where it waits. */
const state = ({ flags = [], rulings, stuck }: DeployStatus) => ({
  flags: flags.length,
  counted: rulings.filter(({ verdict }) => verdict === 'counted').length,
  stuck: stuck !== null,
});

const whoOf = ({ by }: Exit) =>
  Array.isArray(by) ? (by as string[])[0] : by === 'any approver' ? 'eve' : 'dan';

/** Where it led; null = what was said is counted, or tried again, and it waits on. */
async function leadsTo(it: Walk, exit: Exit): Promise<Next | null> {
  const before = await it.status();
  const tries = it.tries();
  if (exit.verb === 'retry') it.mend();
  await it.send(exit.verb, whoOf(exit));
  const same = JSON.stringify(state(before));
  const isTaken = (now: DeployStatus) =>
    wentTo(before, now) !== null || JSON.stringify(state(now)) !== same || it.tries() > tries;
  const onward = exit.way === 'back' || !exit.to.includes(before.phase as Next);
  const now = await it.until((is) => (onward ? wentTo(before, is) !== null : isTaken(is)));
  return wentTo(before, now);
}

describe.each(scenes)('$name', (scene) => {
  test('names who is waited for, and what happens at the time it states', async () => {
    const { ways, next, at } = await walk(sea(), scene, async ({ status, handle }) => {
      const before = await status();
      await Promise.allSettled([handle.result()]);
      const now = await status();
      const entry = now.timeline?.[before.timeline?.length ?? 0];
      const { closeTime } = await handle.describe();
      const time = entry ? Date.parse(entry.at) : (closeTime?.getTime() ?? 0);
      return { ways: exits(before), next: wentTo(before, now), at: time };
    });
    expect(ways.owner).not.toBe('plimsoll');
    expect(ways.owner?.length).toBeGreaterThan(0);
    const { timeout } = ways;
    if (!timeout || !('at' in timeout)) throw new Error('it has no time-out');
    expect(timeout.to).toContain(next);
    const late = at - Date.parse(timeout.at);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(60_000);
  });

  test('takes every order that it names', async () => {
    const named = await walk(sea(), scene, async ({ status }) => exits(await status()).actions);
    for (const exit of named.filter(({ verb }) => verb !== 'deploy')) {
      const next = await walk(sea(), scene, (it) => leadsTo(it, exit));
      expect([...exit.to, null], `${exit.verb} led to ${next}`).toContain(next);
    }
  });

  test('takes no other', async () => {
    expect(await movedBy(scene, exits)).toBe(null);
  });
});

/** Every order that the model does not name is given: what they changed; null = nothing. */
async function movedBy(scene: Scene, model: typeof exits): Promise<string | null> {
  return await walk(sea(), scene, async (it) => {
    const before = await it.status();
    const named = new Set<Verb>(model(before).actions.map(({ verb }) => verb));
    const others = (Object.keys(signals) as Verb[]).filter((verb) => !named.has(verb));
    for (const verb of others) await it.send(verb, 'bob');
    await new Promise((resolve) => setTimeout(resolve, 500));
    const now = await it.status();
    const next = wentTo(before, now);
    return (
      next ?? (JSON.stringify(state(now)) === JSON.stringify(state(before)) ? null : 'counted')
    );
  });
}

const without =
  (left: Verb): typeof exits =>
  (status) => {
    const right = exits(status);
    return { ...right, actions: right.actions.filter(({ verb }) => verb !== left) };
  };

test.each<[string, Verb, string]>([
  ['approval', 'reject', 'closed: rejected'],
  ['settle, stuck', 'retry', 'stuck'],
  ['ask', 'keep', 'settle'],
  ['ask', 'flag', 'counted'],
  ['frozen', 'abort', 'closed: frozen'],
  ['release, stuck in the middle', 'rollback', 'restore'],
  ['restore, stuck', 'abort', 'closed: restore-failed'],
])('a model that leaves one exit out is found out: %s, %s', async (name, verb, led) => {
  const scene = scenes.find((one) => one.name === name) as Scene;
  expect(await movedBy(scene, without(verb))).toBe(led);
});
