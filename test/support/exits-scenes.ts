import type { Activities } from '../../domain/activities.ts';
import type { DeployStatus, Phase } from '../../domain/plan.ts';
import type { Scene, Sea, Walk } from './exits-walk.ts';
import { hostState, oldSha, planFor } from './plan.ts';

const minute = 60_000;
const approved = ({ send }: Walk) => send('approve');
const inPhase = (phase: Phase) => (status: DeployStatus) => status.phase === phase;
const stuckIn = (phase: Phase) => (status: DeployStatus) =>
  status.phase === phase && status.stuck !== null;
const { rule, watch } = planFor();

/** Looks that see nothing: the watch cannot tell, and a person is asked. */
const blind = ({ env }: Sea): Partial<Activities> => ({
  takeLooks: async ({ endsAt }) => {
    await env.sleep(Math.max(1, endsAt - (await env.currentTimeMs())));
    return [{ at: 0, probe: null, log: null }];
  },
});
const asked = async (it: Walk) => {
  await approved(it);
  while ((await it.status()).phase !== 'ask') await it.sea.env.sleep(minute);
};
const sick: Partial<Activities> = {
  runSmoke: async () => ({
    ok: false,
    checks: [{ path: 'core', outcome: 'failed', detail: '/ answered 500' }],
  }),
};
/** The ledger takes everything but the end. */
const lacksTheEnd = (broken: <T>(well: T) => Promise<T>): Partial<Activities> => ({
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
  { name: 'ask', changes: (_, sea) => blind(sea), reach: asked, at: inPhase('ask') },
  {
    name: 'ask, restored by silence, nobody asked for the deploy',
    plan: {
      watch: { ...watch, onAsk: 'restore' },
      rule: { ...rule, required: 0, eligible: ['bob'] },
    },
    changes: (_, sea) => blind(sea),
    reach: asked,
    at: inPhase('ask'),
  },
  {
    name: 'ask, flagged',
    changes: (_, sea) => blind(sea),
    reach: async (it) => {
      await asked(it);
      await it.send('flag');
    },
    at: ({ flags = [] }) => flags.length === 1,
  },
  {
    name: 'frozen',
    plan: { forwardOnly: 'db/1.sql' },
    changes: () => sick,
    reach: approved,
    at: inPhase('frozen'),
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
    name: 'restore, stuck',
    changes: (broken) => ({
      ...sick,
      restoreHost: ({ host }) => broken(hostState(host.name, oldSha)),
      inspectHosts: async () => [hostState('deploy@one:22', oldSha)],
    }),
    reach: approved,
    at: stuckIn('restore'),
  },
  {
    name: 'settle, stuck',
    changes: lacksTheEnd,
    reach: async (it) => {
      await approved(it);
      while (!stuckIn('settle')(await it.status())) await it.sea.env.sleep(minute);
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
