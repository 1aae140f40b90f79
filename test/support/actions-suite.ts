import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { DeployStatus, AvailableAction, Next } from '../../domain/deploy/plan.ts';
import { availableActions, signals } from '../../domain/actions/available-actions.ts';
import { scenes } from './actions-scenes.ts';
import { walk, wentTo } from './actions-walk.ts';
import type { Scene, TestServer, Verb, Walk } from './actions-walk.ts';
import { bundle, timeSkipping } from './saga.ts';

let env: TestWorkflowEnvironment;
let code: WorkflowBundleOption;

/** Starts the test server before the tests of a file, and ends the server after these tests. */
export function useTestServer() {
  beforeAll(async () => {
    code = await bundle();
    env = await timeSkipping(inject('timeSkippingServer'));
  });
  afterAll(() => env?.teardown());
}
const testServer = (): TestServer => ({ env, code });

/** The parts of the state that an action can change. */
const state = ({ flags = [], rulings, stuck }: DeployStatus) => ({
  flags: flags.length,
  counted: rulings.filter(({ verdict }) => verdict === 'counted').length,
  stuck: stuck !== null,
});

const whoOf = ({ by }: AvailableAction) =>
  Array.isArray(by) ? (by as string[])[0] : by === 'any approver' ? 'eve' : 'dan';

/**
 * Sends an action, waits until the action has an effect, and returns the next state. null = the
 * deploy took the action, but stays in the same state.
 */
async function leadsTo(it: Walk, action: AvailableAction): Promise<Next | null> {
  const before = await it.status();
  const tries = it.tries();
  if (action.verb === 'retry') it.mend();
  await it.send(action.verb, whoOf(action));
  const same = JSON.stringify(state(before));
  const isTaken = (now: DeployStatus) =>
    wentTo(before, now) !== null || JSON.stringify(state(now)) !== same || it.tries() > tries;
  const onward = action.way === 'back' || !action.to.includes(before.phase as Next);
  const now = await it.until((is) => (onward ? wentTo(before, is) !== null : isTaken(is)));
  return wentTo(before, now);
}

/**
 * Defines the tests of each scene. The real workflow must take exactly the actions that the model
 * names, and must time out at the time that the model names.
 */
export function walkScenes(chosen: readonly Scene[]) {
  describe.each(chosen)('$name', (scene) => {
    test('names who must act, and what happens at the time it states', async () => {
      const { ways, next, at } = await walk(testServer(), scene, async ({ status, handle }) => {
        const before = await status();
        await Promise.allSettled([handle.result()]);
        const now = await status();
        const entry = now.timeline?.[before.timeline?.length ?? 0];
        const { closeTime } = await handle.describe();
        const time = entry ? Date.parse(entry.at) : (closeTime?.getTime() ?? 0);
        return { ways: availableActions(before), next: wentTo(before, now), at: time };
      });
      expect(ways.owner).not.toBe('plimsoll');
      expect(ways.owner?.length).toBeGreaterThan(0);
      const { timeout } = ways;
      if (!timeout || !('at' in timeout)) throw new Error('this state has no time-out');
      expect(timeout.to).toContain(next);
      const late = at - Date.parse(timeout.at);
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(60_000);
    });

    test('takes every order that it names', async () => {
      const named = await walk(
        testServer(),
        scene,
        async ({ status }) => availableActions(await status()).actions,
      );
      for (const action of named.filter(({ verb }) => verb !== 'deploy')) {
        const next = await walk(testServer(), scene, (it) => leadsTo(it, action));
        expect([...action.to, null], `${action.verb} led to ${next}`).toContain(next);
      }
    });

    test('takes no other', async () => {
      expect(await movedBy(scene, availableActions)).toBe(null);
    });
  });
}

/**
 * Sends every action that the model does not name. Returns the next state, or 'counted' if the
 * deploy took an action but stays in the same state. null = no action had an effect.
 */
async function movedBy(scene: Scene, model: typeof availableActions): Promise<string | null> {
  return await walk(testServer(), scene, async (it) => {
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
  (left: Verb): typeof availableActions =>
  (status) => {
    const right = availableActions(status);
    return { ...right, actions: right.actions.filter(({ verb }) => verb !== left) };
  };

/** A case: [scene, action to take out of the model, state that the action leads to] */
export type LeftOut = [string, Verb, string];

/** Takes one action out of the model. `movedBy` must then report that this action has an effect. */
export function noticesLeftOut(cases: readonly LeftOut[]) {
  test.each(cases)('a model without one action is noticed: %s, %s', async (name, verb, led) => {
    const scene = scenes.find((one) => one.name === name) as Scene;
    expect(await movedBy(scene, without(verb))).toBe(led);
  });
}
