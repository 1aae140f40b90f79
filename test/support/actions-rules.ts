import type { DeployStatus, AvailableActions, Next } from '../../domain/deploy/plan.ts';
import { left, follow, since } from './actions-model.ts';
import type { Model, State } from './actions-model.ts';

type Rule = (
  status: DeployStatus,
  availableActions: AvailableActions,
  model: Model,
) => string | null;

/** The longest time that a deploy may wait for one answer, or that one step may take. */
const longestMs = 24 * 3_600_000;

const waits = ({ owner }: AvailableActions) => owner !== null && owner !== 'plimsoll';
const isClosed = ({ phase, stuck }: DeployStatus) => phase === 'closed' && !stuck;
const decided = new Set(['rollback', 'settle', 'closed']);

/**
 * The rules that every state must keep. Each rule returns null if the state keeps the rule, or the
 * reason if the state breaks the rule.
 */
export const rules: Record<string, Rule> = {
  'an open state has an owner': (status, { owner }) =>
    (owner === null || owner.length === 0) !== isClosed(status)
      ? 'it has no owner, or is closed and has one'
      : null,

  'a waiting state has a legal next action': (_, availableActions) =>
    waits(availableActions) && availableActions.actions.length === 0 ? 'it has no action' : null,

  'an action that is named has somebody who may do it': (_, { actions }) =>
    actions.find(({ by }) => by.length === 0)?.verb ?? null,

  'a waiting state has a time-out, which leads on': (_, availableActions) => {
    const { timeout } = availableActions;
    if (!waits(availableActions)) return null;
    if (!timeout || !('at' in timeout)) return 'it has no time-out';
    const ms = Date.parse(timeout.at) - Date.parse(since);
    return ms > 0 && ms <= longestMs && timeout.to.length > 0
      ? null
      : `its time-out comes after ${ms} ms`;
  },

  'a state that goes on by itself has a bound, and somewhere to go': (_, availableActions) => {
    const { timeout, goesOn, owner } = availableActions;
    if (owner !== 'plimsoll') return null;
    const bound = timeout && 'eachMs' in timeout ? timeout.eachMs : 0;
    return bound > 0 && bound <= longestMs && goesOn.length > 0 ? null : `its bound is ${bound} ms`;
  },

  'backward needs nobody, but across a schema a signature': (status, { actions, owner }) => {
    const { phase, stuck } = status;
    const done =
      decided.has(phase) || (phase === 'awaiting-rollback-approval' && owner === 'plimsoll');
    if (done && !stuck) return null;
    const back = actions.filter(({ way }) => way === 'back');
    if (!back.some(({ by }) => by === 'anybody')) return 'not everybody may roll it back';
    if (phase !== 'awaiting-rollback-approval') return null;
    const unsigned = back.filter(({ by, to }) => by === 'anybody' && to.includes('rollback'));
    return unsigned.length > 0 ? 'the rollback across a schema needs no signature' : null;
  },

  'forward is never free': (_, { actions }) =>
    actions.find(({ way, by }) => way === 'forward' && by === 'anybody')?.verb ?? null,

  'what nobody can revert is never undone': (status, { actions }) =>
    decided.has(status.phase) && actions.some(({ to }) => to.includes('rollback') && !status.stuck)
      ? 'an action rolls it back after its end'
      : null,

  'every way leads nearer to the end': (status, availableActions) =>
    edges(availableActions)
      .filter(({ way, next }) => way !== 'again' && next !== 'stuck')
      .map(({ verb, next }) => [`${verb} → ${next}`, follow(status, next, verb)] as const)
      .find(([, after]) => left(after) >= left(status))?.[0] ?? null,

  'a night without answers ends': (status, _, model) => night(status, model),
};

type Edge = { verb: string | null; way: string; next: Next };

export const edges = ({ actions, goesOn, timeout }: AvailableActions): Edge[] => [
  ...actions.flatMap(({ verb, way, to }) => to.map((next) => ({ verb, way, next }))),
  ...[...goesOn, ...(timeout?.to ?? [])].map((next) => ({ verb: null, way: 'time', next })),
];

/**
 * Follows every branch that a deploy can take if no person ever acts. Returns null if all branches
 * end. If a branch does not end, returns the state in which the branch stays or to which it
 * returns.
 */
function night(status: DeployStatus, model: Model, seen = new Set<string>()): string | null {
  if (isClosed(status)) return null;
  const at = `${status.phase}${status.stuck ? ', stuck' : ''}`;
  if (seen.has(at)) return `the deploy returns to ${at}`;
  const ways = edges(model(status)).filter(({ verb }) => verb === null);
  if (ways.length === 0) return `the deploy stays in ${at}`;
  for (const { next } of ways) {
    const ended = night(follow(status, next, null), model, new Set([...seen, at]));
    if (ended) return ended;
  }
  return null;
}

/** Lists every broken rule with the name of its state and the reason. */
export function broken(model: Model, states: Iterable<State>): string[] {
  const found: string[] = [];
  for (const { name, status } of states)
    for (const [rule, check] of Object.entries(rules)) {
      const why = check(status, model(status), model);
      if (why) found.push(`${rule}: ${name}: ${why}`);
    }
  return found;
}
