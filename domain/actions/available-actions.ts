import type {
  AvailableAction,
  AvailableActions,
  Next,
  Phase,
  Plan,
  Steered,
} from '../deploy/plan.ts';
import { approvalState } from '../approval/approval-state.ts';
import { bounds } from '../deploy/bounds.ts';
import { decisionRule, flaggable, keepRule, mostFlags, questionEnds } from '../incident/flag.ts';
import { timing } from '../deploy/timing.ts';

/** For each action, the name of the signal that the client sends. */
export const signals: Record<AvailableAction['verb'], string> = {
  approve: 'decide',
  reject: 'decide',
  keep: 'decide',
  deploy: 'supersede',
  flag: 'flag',
  retry: 'retry',
  rollback: 'rollback',
  abort: 'abort',
};

type Planned = Steered & { plan: Plan };

/**
 * Returns the owner of the next step, the actions that are possible now, and the consequence if
 * nobody acts.
 */
export function availableActions(status: Steered): AvailableActions {
  const { stuck, outcome, phase, sealed } = status;
  if (stuck) return whileStuck(status, stuck);
  if (outcome) return over;
  if (sealed && phase in waiting)
    return waiting[phase as keyof typeof waiting]({ ...status, plan: sealed.plan });
  return working[phase](status);
}

const over: AvailableActions = { owner: null, actions: [], goesOn: [], timeout: null };

const working: Record<Phase, (status: Steered) => AvailableActions> = {
  planning: () => untouched(bounds.reading, 'failed', ['preflight']),
  preflight: () => untouched(bounds.checking, 'closed: gate-closed', ['approval', 'release']),
  approval: () => untouched(bounds.checking, 'closed: gate-closed', ['release']),
  release: (status) => underWay(status, bounds.releasing, ['smoke', 'decision']),
  smoke: (status) => underWay(status, bounds.watching, ['watch', 'decision']),
  watch: (status) => underWay(status, bounds.watching, ['settle', 'decision']),
  decision: (status) => underWay(status, bounds.reading, ['settle']),
  'awaiting-rollback-approval': () => byItself(bounds.reading, 'settle', ['settle', 'rollback']),
  rollback: () =>
    byItself(bounds.rollingBack, 'stuck', [
      'closed: rolled-back',
      'closed: rolled-back-still-failing',
      'closed: rollback-failed',
    ]),
  settle: () => byItself(bounds.recording, 'stuck', ['closed: succeeded', 'closed: unproven']),
  closed: () => over,
};

const waiting = {
  approval: forApproval,
  decision: forAnAnswer,
  'awaiting-rollback-approval': forASignature,
};

const byItself = (eachMs: number, to: Next, goesOn: Next[]): AvailableActions => ({
  owner: 'plimsoll',
  actions: [],
  goesOn,
  timeout: { eachMs, to: [to] },
});

const free = (verb: 'rollback' | 'abort', to: Next[]): AvailableAction => ({
  ...{ verb, way: 'back', by: 'anybody', to },
});

/** The actions that end a deploy before its first effect. The most urgent action comes first. */
const ends: AvailableAction[] = [
  free('abort', ['closed: aborted']),
  free('rollback', ['closed: aborted']),
  { verb: 'deploy', way: 'forward', by: 'any requester', to: ['closed: aborted'] },
];

function untouched(eachMs: number, to: Next, goesOn: Next[]): AvailableActions {
  const left: Next[] = [to, 'closed: gate-closed', 'closed: aborted'];
  return { ...byItself(eachMs, to, [...goesOn, ...left]), actions: ends };
}

function forApproval(status: Planned): AvailableActions {
  const { plan, rulings } = status;
  const { kind, from, more } = approvalState(plan, rulings);
  if (kind !== 'waiting') return working.approval(status);
  const to: Next[] = more > 1 ? ['approval'] : ['approval', ...working.approval(status).goesOn];
  return {
    owner: from,
    actions: [
      { verb: 'approve', way: 'forward', by: from, more, to },
      { verb: 'reject', way: 'back', by: 'any approver', to: ['closed: rejected'] },
      ...ends,
    ],
    goesOn: [],
    timeout: { at: plan.notAfter, to: ['closed: expired'] },
  };
}

/** Returns the states that can follow a rollback, an abort or a failure. */
function backFrom({ phase, sealed }: Steered): Next[] {
  const back = sealed?.plan.forwardOnly === undefined ? 'rollback' : 'awaiting-rollback-approval';
  return phase === 'release' ? [back, 'closed: aborted'] : [back];
}

/**
 * Returns the actions that need no signature: rollback, abort and flag. After a flag, the deploy
 * asks people whether the release stays.
 */
function orders(status: Steered): AvailableAction[] {
  const { phase, flags = [] } = status;
  const back = backFrom(status);
  const flag: AvailableAction = {
    verb: 'flag',
    way: 'question',
    by: 'anybody',
    to: [phase as Next, 'decision'],
  };
  const may = flaggable.has(phase) && flags.length < mostFlags;
  return [free('rollback', back), free('abort', back), ...(may ? [flag] : [])];
}

function underWay(status: Steered, eachMs: number, goesOn: Next[]): AvailableActions {
  const ways = byItself(eachMs, 'stuck', [...goesOn, ...backFrom(status), 'stuck']);
  return { ...ways, actions: orders(status) };
}

const after = (since: string, ms: number) => new Date(Date.parse(since) + ms).toISOString();
const namesOrPaged = (names: readonly string[]) => (names.length > 0 ? names : 'the paged person');

function signed({ phase, rulings, since }: Steered, rule: Plan['rule']) {
  const answers = rulings.filter(({ at }) => Date.parse(at) >= Date.parse(since));
  const { kind, from, more } = approvalState({ rule }, answers);
  const to: Next[] = more > 1 ? [phase as Next] : ['settle', phase as Next];
  const keep: AvailableAction = { verb: 'keep', way: 'forward', by: from, more, to };
  const reject: AvailableAction = {
    verb: 'reject',
    way: 'back',
    by: 'any approver',
    to: ['rollback'],
  };
  return { open: kind === 'waiting', from, keep, reject };
}

function forAnAnswer(status: Planned): AvailableActions {
  const { plan, flags } = status;
  const { open, from, keep, reject } = signed(status, decisionRule(plan, flags));
  if (!open) return working.decision(status);
  const until = questionEnds(plan, status);
  const stays = !flags?.length && plan.watch.onInconclusive === 'keep';
  const backs = orders(status);
  return {
    owner: namesOrPaged(from),
    actions: [keep, ...(plan.forwardOnly === undefined ? [...backs, reject] : [reject, ...backs])],
    goesOn: [],
    timeout: { at: new Date(until).toISOString(), to: stays ? ['settle'] : backFrom(status) },
  };
}

/**
 * Returns the actions while the rollback needs a signature, because the release has migrated the
 * database.
 */
function forASignature(status: Planned): AvailableActions {
  const { plan, since } = status;
  const { open, from, keep, reject } = signed(status, keepRule(plan));
  if (!open) return working['awaiting-rollback-approval'](status);
  const stays: Next[] = ['closed: rollback-not-approved'];
  return {
    owner: namesOrPaged(from),
    actions: [keep, reject, free('abort', stays)],
    goesOn: [],
    timeout: { at: after(since, plan.timing.rollbackGiveUpMs), to: stays },
  };
}

const forward: ReadonlySet<Phase> = new Set(['release', 'smoke', 'watch', 'decision']);

/**
 * Returns the actions while a step is stuck, because all its retries failed. A person removes the
 * cause and sends `retry`, or ends the deploy.
 */
function whileStuck(status: Steered, { since }: NonNullable<Steered['stuck']>): AvailableActions {
  const { phase, sealed, outcome } = status;
  const { stuckGiveUpMs, rollbackGiveUpMs } = sealed?.plan.timing ?? timing();
  const onward = forward.has(phase);
  const again: Next[] = [outcome ? `closed: ${outcome}` : (phase as Next)];
  const to = onward ? backFrom(status) : givenUp(status);
  const beside = onward ? availableActions({ ...status, stuck: null }) : over;
  const actions = onward ? beside.actions : [free('abort', to)];
  const at = after(since, onward ? stuckGiveUpMs : rollbackGiveUpMs);
  return {
    owner: 'the paged person',
    actions: [{ verb: 'retry', way: 'again', by: 'anybody', to: again }, ...actions],
    goesOn: [],
    timeout: sooner({ at, to }, beside.timeout),
  };
}

/**
 * Returns the earlier of two timeouts: `stuck` belongs to the stuck step, and `asked` belongs to
 * the open question. If the question would end with "the release stays", only `stuck` counts,
 * because the stuck step must end first.
 */
const sooner = (stuck: { at: string; to: Next[] }, asked: AvailableActions['timeout']) =>
  asked && 'at' in asked && asked.at < stuck.at && !asked.to.includes('settle') ? asked : stuck;

function givenUp({ phase, outcome }: Steered): Next[] {
  if (outcome) return [`closed: ${outcome}`];
  const lacking: Next[] = ['closed: succeeded', 'closed: unproven'];
  return phase === 'rollback' ? ['closed: rollback-failed'] : lacking;
}
