import type { Exit, Exits, Next, Phase, Plan, Steered } from '../plan.ts';
import { approvalState } from './approval-state.ts';
import { bounds } from './bounds.ts';
import { askRule, flaggable, keepRule, mostFlags, questionEnds } from './flag.ts';
import { timing } from './timing.ts';

/** The signal that each order is sent as. */
export const signals: Record<Exit['verb'], string> = {
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

/** Who is waited for, what each may do now, and what happens at which time if nobody does. */
export function exits(status: Steered): Exits {
  const { stuck, outcome, phase, sealed } = status;
  if (stuck) return whileStuck(status, stuck);
  if (outcome) return over;
  if (sealed && phase in waiting)
    return waiting[phase as keyof typeof waiting]({ ...status, plan: sealed.plan });
  return working[phase](status);
}

const over: Exits = { owner: null, actions: [], goesOn: [], timeout: null };

const working: Record<Phase, (status: Steered) => Exits> = {
  planning: () => untouched(bounds.reading, 'failed', ['preflight']),
  preflight: () => untouched(bounds.checking, 'closed: gate-closed', ['approval', 'release']),
  approval: () => untouched(bounds.checking, 'closed: gate-closed', ['release']),
  release: (status) => underWay(status, bounds.releasing, ['smoke', 'ask']),
  smoke: (status) => underWay(status, bounds.watching, ['watch', 'ask']),
  watch: (status) => underWay(status, bounds.watching, ['settle', 'ask']),
  ask: (status) => underWay(status, bounds.reading, ['settle']),
  frozen: () => alone(bounds.reading, 'settle', ['settle', 'restore']),
  restore: () =>
    alone(bounds.restoring, 'stuck', ['closed: rolled-back', 'closed: restore-failed']),
  settle: () => alone(bounds.recording, 'stuck', ['closed: succeeded', 'closed: unproven']),
  closed: () => over,
};

const waiting = { approval: forApproval, ask: forAnAnswer, frozen: forASignature };

const alone = (eachMs: number, to: Next, goesOn: Next[]): Exits => ({
  owner: 'plimsoll',
  actions: [],
  goesOn,
  timeout: { eachMs, to: [to] },
});

const free = (verb: 'rollback' | 'abort', to: Next[]): Exit => ({
  ...{ verb, way: 'back', by: 'anybody', to },
});

/** Nothing has reached production: whoever ends it leaves things as they are, and who is urgent goes first. */
const ends: Exit[] = [
  free('abort', ['closed: aborted']),
  free('rollback', ['closed: aborted']),
  { verb: 'deploy', way: 'forward', by: 'any requester', to: ['closed: aborted'] },
];

function untouched(eachMs: number, to: Next, goesOn: Next[]): Exits {
  const left: Next[] = [to, 'closed: gate-closed', 'closed: aborted'];
  return { ...alone(eachMs, to, [...goesOn, ...left]), actions: ends };
}

function forApproval(status: Planned): Exits {
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

/** Where an order without a signature leads, and a failure. */
function backFrom({ phase, sealed }: Steered): Next[] {
  const back = sealed?.plan.forwardOnly === undefined ? 'restore' : 'frozen';
  return phase === 'release' ? [back, 'closed: aborted'] : [back];
}

/** Backward is free; a flag only asks. */
function orders(status: Steered): Exit[] {
  const { phase, flags = [] } = status;
  const back = backFrom(status);
  const flag: Exit = { verb: 'flag', way: 'question', by: 'anybody', to: [phase as Next, 'ask'] };
  const may = flaggable.has(phase) && flags.length < mostFlags;
  return [free('rollback', back), free('abort', back), ...(may ? [flag] : [])];
}

function underWay(status: Steered, eachMs: number, goesOn: Next[]): Exits {
  const ways = alone(eachMs, 'stuck', [...goesOn, ...backFrom(status), 'stuck']);
  return { ...ways, actions: orders(status) };
}

const after = (since: string, ms: number) => new Date(Date.parse(since) + ms).toISOString();
const whoever = (names: readonly string[]) => (names.length > 0 ? names : 'whoever is called');

function signed({ phase, rulings, since }: Steered, rule: Plan['rule']) {
  const answers = rulings.filter(({ at }) => Date.parse(at) >= Date.parse(since));
  const { kind, from, more } = approvalState({ rule }, answers);
  const to: Next[] = more > 1 ? [phase as Next] : ['settle', phase as Next];
  const keep: Exit = { verb: 'keep', way: 'forward', by: from, more, to };
  const reject: Exit = { verb: 'reject', way: 'back', by: 'any approver', to: ['restore'] };
  return { open: kind === 'waiting', from, keep, reject };
}

function forAnAnswer(status: Planned): Exits {
  const { plan, flags } = status;
  const { open, from, keep, reject } = signed(status, askRule(plan, flags));
  if (!open) return working.ask(status);
  const until = questionEnds(plan, status);
  const stays = !flags?.length && plan.watch.onAsk === 'keep';
  const backs = orders(status);
  return {
    owner: whoever(from),
    actions: [keep, ...(plan.forwardOnly === undefined ? [...backs, reject] : [reject, ...backs])],
    goesOn: [],
    timeout: { at: new Date(until).toISOString(), to: stays ? ['settle'] : backFrom(status) },
  };
}

/** Across a schema the way back is a person's to sign. */
function forASignature(status: Planned): Exits {
  const { plan, since } = status;
  const { open, from, keep, reject } = signed(status, keepRule(plan));
  if (!open) return working.frozen(status);
  const stays: Next[] = ['closed: frozen'];
  return {
    owner: whoever(from),
    actions: [keep, reject, free('abort', stays)],
    goesOn: [],
    timeout: { at: after(since, plan.timing.restoreGiveUpMs), to: stays },
  };
}

const forward: ReadonlySet<Phase> = new Set(['release', 'smoke', 'watch', 'ask']);

/** A step's retries are used up: its cause is mended and it is tried again, or given up. */
function whileStuck(status: Steered, { since }: NonNullable<Steered['stuck']>): Exits {
  const { phase, sealed, outcome } = status;
  const { stuckGiveUpMs, restoreGiveUpMs } = sealed?.plan.timing ?? timing();
  const onward = forward.has(phase);
  const again: Next[] = [outcome ? `closed: ${outcome}` : (phase as Next)];
  const to = onward ? backFrom(status) : givenUp(status);
  const beside = onward ? exits({ ...status, stuck: null }) : over;
  const actions = onward ? beside.actions : [free('abort', to)];
  const at = after(since, onward ? stuckGiveUpMs : restoreGiveUpMs);
  return {
    owner: 'whoever is called',
    actions: [{ verb: 'retry', way: 'again', by: 'anybody', to: again }, ...actions],
    goesOn: [],
    timeout: sooner({ at, to }, beside.timeout),
  };
}

/** A question whose answer is to keep it waits for what is stuck beside it. */
const sooner = (stuck: { at: string; to: Next[] }, asked: Exits['timeout']) =>
  asked && 'at' in asked && asked.at < stuck.at && !asked.to.includes('settle') ? asked : stuck;

function givenUp({ phase, outcome }: Steered): Next[] {
  if (outcome) return [`closed: ${outcome}`];
  const lacking: Next[] = ['closed: succeeded', 'closed: unproven'];
  return phase === 'restore' ? ['closed: restore-failed'] : lacking;
}
