import type { CloudflareTarget } from '../../../domain/platforms/cloudflare/target.ts';
import type { Builder } from '../../builds/builder.ts';
import type { Git } from '../../git/git.ts';
import { withHeartbeat } from '../../lib/temporal-context.ts';
import { byPlatform } from '../driver.ts';
import type { Driver } from '../driver.ts';
import { measureRequests } from './baseline.ts';
import { withoutLfs, withoutSubmodules } from '../left-out.ts';
import { createErrorSource } from './error-source.ts';
import { guards, noReturn } from './guards.ts';
import { lastLines } from './last-lines.ts';
import { atOf, nameOf, previewOf } from './place.ts';
import { inspect } from './snapshot.ts';
import { variablesAt } from './variables.ts';
import { rollbackReadyAt } from './rollback-ready.ts';

type Deps = {
  /**
   * Returns the value of the variable in "env:NAME". Throws a final failure of type 'misconfigured'
   * if the variable is not set.
   */
  secret: (ref: string) => string;
  git: Pick<Git, 'readFile' | 'treeOf'>;
  builder: Pick<Builder, 'isolation'>;
  /** The factor by which a sandbox shortens a minute. Outside of a sandbox the factor is 1. */
  timeScale: number;
};

/** Reads all facts from Cloudflare's API and from the addresses of the Worker. */
export function createCloudflareDriver({
  secret,
  git,
  builder,
  timeScale,
}: Deps): Driver<CloudflareTarget> {
  const of = atOf(secret);
  const minuteMs = 60_000 / timeScale;
  return {
    inspect: async (target) => [await withHeartbeat(() => inspect(of(target)))],
    processes: byPlatform,
    rollbackReady: (target, rollbackTarget) =>
      rollbackReadyAt({ at: of(target), git }, rollbackTarget),
    guards: (plan) => guards({ at: of(plan.target), git, builder }, plan),
    leavesOut: async (target, { submodules, lfs }) => [
      ...withoutSubmodules(
        nameOf(target),
        submodules,
        'Plimsoll does not pass submodules to wrangler',
      ),
      ...withoutLfs(nameOf(target), lfs, {
        why: 'Plimsoll does not pass files of Git LFS to wrangler',
      }),
    ],
    noReturn: (target, sha) => noReturn({ at: of(target), git }, sha),
    variables: (target) => variablesAt(of(target)),
    async oldAddress(target, { platformId: id }) {
      const url = id === undefined ? null : await previewOf(of(target), id);
      return url === null ? null : { url, headers: {} };
    },
    measureBaseline: ({ target }) => measureRequests(of(target), minuteMs),
    errorSource: (on) => createErrorSource({ ...on, at: of(on.target), minuteMs }),
    lastLines: (plan) => lastLines(of(plan.target), minuteMs),
  };
}
