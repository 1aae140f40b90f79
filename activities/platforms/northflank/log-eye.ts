import type { Look, NorthflankTarget } from '../../../domain/plan.ts';
import type { Eyes, EyesOn } from '../../watch/eyes.ts';
import { orBlind } from '../or-blind.ts';
import type { Connect } from './connect.ts';
import { count, patternOf, readLines } from './log-reading.ts';

type Deps = EyesOn<NorthflankTarget> & { connect: Connect; now?: () => number };

/** A line shows up in the API a few seconds after it was written. */
const lagMs = 3000;

/**
 * Range after range of the runtime log, none counted twice. What a blind look missed is counted by the next one
 * that sees.
 */
export function createLogEyes({ connect, now = Date.now, ...on }: Deps): Eyes {
  const { target, watch, signal } = on;
  const pattern = patternOf(watch.accessLog);
  const { service } = connect(target);
  let since: number | null = null;
  const look = async (): Promise<Look['log']> => {
    if (pattern === undefined) return null;
    const to = now() - lagMs;
    since ??= to - on.agoMs();
    const { lines, from } = await readLines(service, { from: since, to });
    const { errors, requests } = count(lines, pattern);
    since = to;
    return [errors, pattern === null ? Math.max(0, Math.round((to - from) / 1000)) : requests];
  };
  return { look: () => orBlind(look, signal), close() {} };
}
