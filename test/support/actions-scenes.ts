import type { PlainActivities } from '../../domain/contract/activities.ts';
import type { DeployStatus, Phase } from '../../domain/deploy/plan.ts';
import type { Scene, TestServer, Walk } from './actions-walk.ts';
import { hostState, oldSha, planFor } from './plan.ts';

const minute = 60_000;
const approved = ({ send }: Walk) => send('approve');
const inPhase = (phase: Phase) => (status: DeployStatus) => status.phase === phase;
const stuckIn = (phase: Phase) => (status: DeployStatus) =>
  status.phase === phase && status.stuck !== null;
const { rule, watch } = planFor();

/**
 * Returns samples without data. Then the watch becomes inconclusive, and Plimsoll asks a person.
 */
const withoutData = ({ env }: TestServer): Partial<PlainActivities> => ({
  takeSamples: async ({ endsAt }) => {
    await env.sleep(Math.max(1, endsAt - (await env.currentTimeMs())));
    return [{ at: 0, probe: null, log: null }];
  },
});
const asked = async (it: Walk) => {
  await approved(it);
  while ((await it.status()).phase !== 'decision') await it.testServer.env.sleep(minute);
};
const sick: Partial<PlainActivities> = {
  runSmoke: async () => ({
    ok: false,
    checks: [{ path: 'core', outcome: 'failed', detail: '/ answered 500' }],
  }),
};
/** The ledger accepts every entry except the last one, `closed`. */
const lacksTheEnd = (broken: <T>(well: T) => Promise<T>): Partial<PlainActivities> => ({
  append: ({ kind }) => (kind === 'closed' ? broken(undefined) : Promise.resolve()),
});

export const scenes: Scene[] = [
  { name: 'approval', at: inPhase('approval') },
  {
    name: 'approval, one of two given',
    plan: { rule: { ...rule, required: 2, eligible: ['bob', 'cleo'] } },
    reach: approved,
    at: ({ rulings }) => rulings.length === 1,
  },
  {
    name: 'decision',
    changes: (_, testServer) => withoutData(testServer),
    reach: asked,
    at: inPhase('decision'),
  },
  {
    name: 'decision, rolled back by silence, nobody asked for the deploy',
    plan: {
      watch: { ...watch, onInconclusive: 'rollback' },
      rule: { ...rule, required: 0, eligible: ['bob'] },
    },
    changes: (_, testServer) => withoutData(testServer),
    reach: asked,
    at: inPhase('decision'),
  },
  {
    name: 'decision, flagged',
    changes: (_, testServer) => withoutData(testServer),
    reach: async (it) => {
      await asked(it);
      await it.send('flag');
    },
    at: ({ flags = [] }) => flags.length === 1,
  },
  {
    name: 'awaiting-rollback-approval',
    plan: { forwardOnly: 'db/1.sql' },
    changes: () => sick,
    reach: approved,
    at: inPhase('awaiting-rollback-approval'),
  },
  {
    name: 'release, stuck before anything was touched',
    changes: (broken) => ({ stageRelease: () => broken({ staged: 'done' }) }),
    reach: approved,
    at: stuckIn('release'),
  },
  {
    name: 'release, stuck in the middle',
    changes: (broken) => ({
      restartService: () => broken({ restarted: 'done', invocationId: 'after' }),
    }),
    reach: approved,
    at: stuckIn('release'),
  },
  {
    name: 'smoke, stuck, across a schema',
    plan: { forwardOnly: 'db/1.sql' },
    changes: (broken) => ({ runSmoke: () => broken({ ok: true, checks: [] }) }),
    reach: approved,
    at: stuckIn('smoke'),
  },
  {
    name: 'rollback, stuck',
    changes: (broken) => ({
      ...sick,
      rollBackHost: ({ host }) => broken(hostState(host.name, oldSha)),
      inspectHosts: async () => [hostState('deploy@one:22', oldSha)],
    }),
    reach: approved,
    at: stuckIn('rollback'),
  },
  {
    name: 'settle, stuck',
    changes: lacksTheEnd,
    reach: async (it) => {
      await approved(it);
      while (!stuckIn('settle')(await it.status())) await it.testServer.env.sleep(minute);
    },
    at: stuckIn('settle'),
  },
  {
    name: 'closed, but stuck with its record',
    changes: lacksTheEnd,
    reach: (it) => it.send('reject', 'eve'),
    at: stuckIn('closed'),
  },
];

const slow: ReadonlySet<string> = new Set([
  'approval, one of two given',
  'decision',
  'awaiting-rollback-approval',
  'settle, stuck',
  'decision, rolled back by silence, nobody asked for the deploy',
  'decision, flagged',
  'smoke, stuck, across a schema',
  'release, stuck in the middle',
  'closed, but stuck with its record',
]);

/**
 * The scenes that `npm test` runs. In each scene a deploy waits for an answer or is stuck in a
 * step.
 */
export const fastScenes = scenes.filter(({ name }) => !slow.has(name));
/** The scenes that only the nightly lane runs. Most of them are variants of a fast scene. */
export const slowScenes = scenes.filter(({ name }) => slow.has(name));
