import type { VercelTarget } from '../../../domain/platforms/vercel/target.ts';
import { byPlatform } from '../driver.ts';
import type { Driver } from '../driver.ts';
import { createErrorSource } from './error-source.ts';
import { guards } from './guards.ts';
import { leavesOut } from './left-out.ts';
import { lastLines } from './last-lines.ts';
import { inspect } from './snapshot.ts';
import { bypassOf, vercelOf } from './place.ts';
import { measureRequests } from './api/rates.ts';
import { variablesAt } from './variables.ts';
import { rollbackReadyAt } from './rollback-ready.ts';

type Deps = {
  secret: (ref: string) => string;
  now?: () => number;
  /** Shorter waiting times for tests. */
  pace?: { pauseMs: number };
};

/** Reads all facts from Vercel's API and from the addresses of the project. */
export function createVercelDriver({ secret, now = Date.now, pace }: Deps): Driver<VercelTarget> {
  const of = vercelOf(secret);
  const headersOf = bypassOf(secret);
  return {
    inspect: async (target) => [await inspect(of(target), target)],
    processes: byPlatform,
    rollbackReady: (target, rollbackTarget) => rollbackReadyAt(of(target), target, rollbackTarget),
    guards: (plan) => guards({ vercel: of(plan.target), headers: headersOf(plan.target) }, plan),
    leavesOut: (target, elsewhere, isPublic) =>
      leavesOut({ vercel: of(target), isPublic }, target, elsewhere),
    variables: (target) => variablesAt(of(target), target),
    async oldAddress(target, { platformId: id }) {
      if (id === undefined) return null;
      const deployment = await of(target).deployment({ project: target.project, id });
      return deployment && { url: deployment.origin, headers: headersOf(target) };
    },
    measureBaseline: ({ target }) => measureRequests(of(target), target, { now: now(), ...pace }),
    errorSource: (on) => createErrorSource({ ...on, vercel: of(on.target) }),
    lastLines: (plan) => lastLines(of(plan.target), plan),
  };
}
