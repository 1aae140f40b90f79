import type { DeployStatus, Exits, Next } from '../../domain/plan.ts';
import { left, follow, since } from './exits-model.ts';
import type { Model, State } from './exits-model.ts';

type Rule = (status: DeployStatus, exits: Exits, model: Model) => string | null;

/** No deploy waits for one answer longer than this, and no step takes longer. */
const longestMs = 24 * 3_600_000;

const waits = ({ owner }: Exits) => owner !== null && owner !== 'plimsoll';
const isClosed = ({ phase, stuck }: DeployStatus) => phase === 'closed' && !stuck;
const decided = new Set(['restore', 'settle', 'closed']);

/** What must hold in every state; null = it holds. */
export const rules: Record<string, Rule> = {
  'an open state has an owner': (status, { owner }) =>
    (owner === null || owner.length === 0) !== isClosed(status) ? 'nobody is waited for' : null,

  'a waiting state has a legal next action': (_, exits) =>
    waits(exits) && exits.actions.length === 0 ? 'nothing can be done' : null,

  'an action that is named has somebody who may do it': (_, { actions }) =>
    actions.find(({ by }) => by.length === 0)?.verb ?? null,

  'a waiting state has a time-out, which leads on': (_, exits) => {
    const { timeout } = exits;
    if (!waits(exits)) return null;
    if (!timeout || !('at' in timeout)) return 'it may wait for ever';
    const ms = Date.parse(timeout.at) - Date.parse(since);
    return ms > 0 && ms <= longestMs && timeout.to.length > 0 ? null : `after ${ms} ms`;
  },

  'a state that goes on by itself has a bound, and somewhere to go': (_, exits) => {
    const { timeout, goesOn, owner } = exits;
    if (owner !== 'plimsoll') return null;
    const bound = timeout && 'eachMs' in timeout ? timeout.eachMs : 0;
    return bound > 0 && bound <= longestMs && goesOn.length > 0 ? null : `${bound} ms`;
  },

  'backward needs nobody, but across a schema a signature': (status, { actions, owner }) => {
    const { phase, stuck } = status;
    const done = decided.has(phase) || (phase === 'frozen' && owner === 'plimsoll');
    if (done && !stuck) return null;
    const back = actions.filter(({ way }) => way === 'back');
    if (!back.some(({ by }) => by === 'anybody')) return 'nobody may go back alone';
    if (phase !== 'frozen') return null;
    const unsigned = back.filter(({ by, to }) => by === 'anybody' && to.includes('restore'));
    return unsigned.length > 0 ? 'the way back across a schema is not signed' : null;
  },

  'forward is never free': (_, { actions }) =>
    actions.find(({ way, by }) => way === 'forward' && by === 'anybody')?.verb ?? null,

  'what nobody can revert is never undone': (status, { actions }) =>
    decided.has(status.phase) && actions.some(({ to }) => to.includes('restore') && !status.stuck)
      ? 'it goes back after its end'
      : null,

  'every way leads nearer to the end': (status, exits) =>
    edges(exits)
      .filter(({ way, next }) => way !== 'again' && next !== 'stuck')
      .map(({ verb, next }) => [`${verb} → ${next}`, follow(status, next, verb)] as const)
      .find(([, after]) => left(after) >= left(status))?.[0] ?? null,

  'a night without answers ends': (status, _, model) => night(status, model),
};

type Edge = { verb: string | null; way: string; next: Next };

export const edges = ({ actions, goesOn, timeout }: Exits): Edge[] => [
  ...actions.flatMap(({ verb, way, to }) => to.map((next) => ({ verb, way, next }))),
  ...[...goesOn, ...(timeout?.to ?? [])].map((next) => ({ verb: null, way: 'time', next })),
];

/** Nobody ever does anything, and everything goes wrong that can: whatever branch it takes, it ends. */
function night(status: DeployStatus, model: Model, seen = new Set<string>()): string | null {
  if (isClosed(status)) return null;
  const at = `${status.phase}${status.stuck ? ', stuck' : ''}`;
  if (seen.has(at)) return `it comes back to ${at}`;
  const ways = edges(model(status)).filter(({ verb }) => verb === null);
  if (ways.length === 0) return `it stays in ${at}`;
  for (const { next } of ways) {
    const ended = night(follow(status, next, null), model, new Set([...seen, at]));
    if (ended) return ended;
  }
  return null;
}

/** Every state in which a rule is broken. */
export function broken(model: Model, states: Iterable<State>): string[] {
  const found: string[] = [];
  for (const { name, status } of states)
    for (const [rule, check] of Object.entries(rules)) {
      const why = check(status, model(status), model);
      if (why) found.push(`${rule}: ${name}: ${why}`);
    }
  return found;
}
