import type { VercelTarget } from '../../../domain/plan.ts';
import type { Driver } from '../driver.ts';
import { createEyes } from './eyes.ts';
import { guards } from './guards.ts';
import { lastLines } from './last-lines.ts';
import { inspect } from './look.ts';
import { bypassOf, vercelOf } from './place.ts';
import { measureRequests } from './rates.ts';
import { variablesAt } from './variables.ts';
import { wayBackAt } from './way-back.ts';

type Deps = { secret: (ref: string) => string; now?: () => number };

/** Everything is read over Vercel's API, and at the addresses that it serves. */
export function createVercelDriver({ secret, now = Date.now }: Deps): Driver<VercelTarget> {
  const of = vercelOf(secret);
  const headersOf = bypassOf(secret);
  return {
    inspect: async (target) => [await inspect(of(target), target)],
    wayBack: (target, restoreTo) => wayBackAt(of(target), target, restoreTo),
    guards: (plan) => guards({ vercel: of(plan.target), headers: headersOf(plan.target) }, plan),
    variables: (target) => variablesAt(of(target), target),
    async oldAddress(target, { platformId: id }) {
      if (id === undefined) return null;
      const deployment = await of(target).deployment({ project: target.project, id });
      return deployment && { url: deployment.origin, headers: headersOf(target) };
    },
    measureBaseline: ({ target }) => measureRequests(of(target), target, now()),
    eyes: (on) => createEyes({ ...on, vercel: of(on.target) }),
    lastLines: (plan) => lastLines(of(plan.target), plan),
  };
}
