import type { CloudflareTarget } from '../../../domain/plan.ts';
import type { Git } from '../../git.ts';
import { pulse } from '../../git/pulse.ts';
import type { Driver } from '../driver.ts';
import { measureRequests } from './baseline.ts';
import { createEyes } from './eyes.ts';
import { guards, noReturn } from './guards.ts';
import { lastLines } from './last-lines.ts';
import { atOf, previewOf } from './place.ts';
import { inspect } from './sight.ts';
import { variablesAt } from './variables.ts';
import { wayBackAt } from './way-back.ts';

type Deps = {
  /** Resolves "env:NAME"; throws final misconfigured. */
  secret: (ref: string) => string;
  git: Pick<Git, 'readFile'>;
  /** The minutes of a sandbox are that many times shorter. */
  timeScale: number;
};

/** Everything is read over Cloudflare's API, and at the addresses that it serves. */
export function createCloudflareDriver({ secret, git, timeScale }: Deps): Driver<CloudflareTarget> {
  const of = atOf(secret);
  const minuteMs = 60_000 / timeScale;
  return {
    inspect: async (target) => [await pulse(() => inspect(of(target)))],
    wayBack: (target, restoreTo) => wayBackAt(of(target), restoreTo),
    guards: (plan) => guards({ at: of(plan.target), git }, plan),
    noReturn: (target, sha) => noReturn({ at: of(target), git }, sha),
    variables: (target) => variablesAt(of(target)),
    async oldAddress(target, { platformId: id }) {
      const url = id === undefined ? null : await previewOf(of(target), id);
      return url === null ? null : { url, headers: {} };
    },
    measureBaseline: ({ target }) => measureRequests(of(target), minuteMs),
    eyes: (on) => createEyes({ ...on, at: of(on.target), minuteMs }),
    lastLines: (plan) => lastLines(of(plan.target), minuteMs),
  };
}
