import type {
  DeployStatus,
  AvailableActions,
  Next,
  Outcome,
  Phase,
  Plan,
  Ruling,
} from '../../domain/deploy/plan.ts';
import { flaggable, mostFlags } from '../../domain/incident/flag.ts';
import { decideRule } from '../../domain/approval/rule.ts';
import { planFor } from './plan.ts';

export type Model = (status: DeployStatus) => AvailableActions;
export type State = { name: string; status: DeployStatus };

export const since = '2026-01-01T00:00:00.000Z';
const people = ['ada', 'ben', 'cleo'];

const ruling = (approver: string, index: number): Ruling => ({
  verdict: 'counted',
  decision: 'approve',
  approver,
  why: 'yes',
  nonce: String(index),
  at: since,
  touch: true,
});

/** Every different approval rule for one, two or three approvers, each with a name. */
function rules(): [string, Plan['rule']][] {
  const found = new Map<string, [string, Plan['rule']]>();
  for (const count of [1, 2, 3])
    for (const environment of ['production', 'staging'])
      for (const solo of ['off', 'touch-key', 'file-key'] as const)
        for (const needed of [1, 2] as const)
          for (const requestedBy of ['ada', 'agent']) {
            const names = people.slice(0, count);
            const human = (name: string) => ({ emails: [], keys: [`sk-ssh-ed25519 AAAA${name}`] });
            const decided = decideRule({
              project: 'shop',
              ...{ environment, solo, requestedBy, commits: [], unknownCommits: 0, bots: [] },
              approvers: Object.fromEntries(names.map((name) => [name, human(name)])),
              requesters: { agent: human('agent') },
              ...{ firstDeploy: false, offBranch: null },
              demands: needed === 2 ? [{ required: 2, why: 'payments' }] : [],
            });
            const name = `${count} people, ${environment}, ${solo}, ${needed}, by ${requestedBy}`;
            if (!('rule' in decided)) continue;
            const { required, eligible, notAlone, solo: alone } = decided.rule;
            found.set(JSON.stringify([required, eligible, notAlone, alone]), [name, decided.rule]);
          }
  return [...found.values()];
}

function* plans(): Generator<[string, Plan]> {
  for (const [name, rule] of rules())
    for (const forwardOnly of [false, true])
      for (const onInconclusive of ['keep', 'rollback'] as const)
        for (const priority of ['normal', 'P0'] as const) {
          const crossed = forwardOnly ? { forwardOnly: 'db/1.sql' } : {};
          const { watch, ...rest } = planFor({ rule, priority, ...crossed });
          const words = `${name}${forwardOnly ? ', crossing' : ''}, onInconclusive ${onInconclusive}, ${priority}`;
          yield [words, { ...rest, watch: { ...watch, onInconclusive } }];
        }
}

const flagOf = () => ({ text: 'nobody can pay', who: 'dan', at: since });
const phases: Phase[] = [
  ...(['planning', 'preflight', 'approval', 'release', 'smoke', 'watch'] as const),
  ...(['decision', 'awaiting-rollback-approval', 'rollback', 'settle', 'closed'] as const),
];
const stuckPhases = new Set<Phase>(['release', 'smoke', 'watch', 'decision', 'rollback', 'settle']);

export const statusOf = (phase: Phase, plan: Plan | null): DeployStatus => ({
  ...{ deployId: 'd1', project: 'shop', environment: 'production', phase, since },
  ...{ liveNow: '', waitingFor: '', doThis: '', cause: null, smoke: null, watch: null },
  sealed: plan && { plan, gates: [], digest: 'd' },
  ...{ gates: [], rulings: [], flags: [], stuck: null },
  outcome: phase === 'closed' ? 'succeeded' : null,
});

/** Three copies of `status`, with 0, 1 and 2 counted approvals. */
function answered(status: DeployStatus, rule: Plan['rule']): DeployStatus[] {
  const names = rule.eligible;
  return [0, 1, 2].map((given) => ({
    ...status,
    rulings: Array.from({ length: given }, (_, n) => ruling(names[n % names.length] ?? 'ada', n)),
  }));
}

function variants(status: DeployStatus, { rule }: Plan): DeployStatus[] {
  const { phase } = status;
  const asks =
    phase === 'approval' || phase === 'decision' || phase === 'awaiting-rollback-approval';
  const stuck = { step: 'switch', cause: 'no route', since };
  const flagged = (flaggable.has(phase) ? [0, 1, mostFlags] : [0]).map((length) => ({
    ...status,
    flags: Array.from({ length }, flagOf),
  }));
  const all = asks ? flagged.flatMap((it) => answered(it, rule)) : flagged;
  return stuckPhases.has(phase) || phase === 'closed'
    ? [...all, ...all.map((it) => ({ ...it, stuck }))]
    : all;
}

/** Every state that a deploy can have with a plan of `plans()`, each with a name. */
export function* states(): Generator<State> {
  yield { name: 'planning', status: statusOf('planning', null) };
  for (const [plan, of] of plans())
    for (const phase of phases)
      for (const status of variants(statusOf(phase, of), of))
        yield { name: nameOf(status, plan), status };
}

const nameOf = ({ phase, stuck, rulings, flags = [] }: DeployStatus, plan: string) =>
  `${phase}${stuck ? ', stuck' : ''}, ${rulings.length} yes, ${flags.length} flags, ${plan}`;

const rank = (phase: Phase | 'failed') =>
  phase === 'failed' ? 0 : phases.length - 1 - phases.indexOf(phase);

/**
 * Returns a number: how much of the deploy is left. Each next state must have a smaller number,
 * except after a retry or when a step gets stuck.
 */
export function left({ phase, stuck, rulings, flags = [] }: DeployStatus): number {
  const yes = 10 - rulings.length;
  if (phase === 'closed') return stuck ? 0.5 : 0;
  return rank(phase) * 1_000 + yes * 40 + (mostFlags - flags.length) + (stuck ? 0 : 0.5);
}

/** The status after the change to `next`. `verb` is the action of a person; null = nobody acted. */
export function follow(status: DeployStatus, next: Next, verb: string | null): DeployStatus {
  if (next === 'failed') return { ...status, phase: 'closed', outcome: 'aborted', stuck: null };
  if (next === 'stuck')
    return { ...status, stuck: { step: 'switch', cause: 'no route', since: status.since } };
  if (next.startsWith('closed: ')) {
    const outcome = next.slice('closed: '.length) as Outcome;
    return { ...status, phase: 'closed', outcome, stuck: null };
  }
  const phase = next as Phase;
  const { rulings, flags = [] } = status;
  const names = status.sealed?.plan.rule.eligible ?? [];
  const index = rulings.length;
  const said = verb === 'approve' || verb === 'keep';
  const more = said ? [ruling(names[index % names.length] ?? 'ada', index)] : [];
  return {
    ...status,
    phase,
    stuck: verb === 'flag' && phase === status.phase ? status.stuck : null,
    rulings: phase === status.phase ? [...rulings, ...more] : rulings,
    flags: verb === 'flag' ? [...flags, flagOf()] : flags,
  };
}
