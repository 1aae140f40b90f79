import { ApplicationFailure } from '@temporalio/common';
import type { CloudflareActivities, Deployed } from '../../domain/activities/cloudflare.ts';
import { finalFailures } from '../../domain/failures.ts';
import { pulse } from '../git/pulse.ts';
import { checkServed } from './cloudflare/check-served.ts';
import { holdShare } from './cloudflare/hold-share.ts';
import { atOf, keyOf, shareOf, sourceOf } from './cloudflare/place.ts';
import type { At } from './cloudflare/place.ts';
import { proveWorker } from './cloudflare/prove.ts';
import { deployVersions, deployWorker, setTriggers, uploadVersion } from './cloudflare/releases.ts';
import { rollBack } from './cloudflare/restore.ts';
import { see } from './cloudflare/sight.ts';
import { smokeVersion } from './cloudflare/smoke-version.ts';
import type { TreeDeps } from './cloudflare/tree.ts';

type Deps = { secret: (ref: string) => string } & Pick<TreeDeps, 'git' | 'workspace'>;

/** The verbs of a Worker, done by the real wrangler: every effect looks first, acts once, proves. */
export function createCloudflareActivities({ secret, ...given }: Deps): CloudflareActivities {
  const of = atOf(secret);
  const treeOf = ({ target }: At): TreeDeps => ({ ...given, npmrc: target.npmrc });
  return {
    checkServed: ({ target, expected }) => pulse(() => checkServed(of(target), expected)),
    deployWorker: (step) => {
      const at = of(step.target);
      const asked = { worker: at.worker, source: sourceOf(step), key: keyOf(step) };
      const deploy = async () => ({ id: (await deployWorker(treeOf(at), asked)).versionId });
      return pulse(() => unlessUntouched(at, step.expected, deploy));
    },
    async uploadVersion(step) {
      const at = of(step.target);
      const asked = { worker: at.worker, source: sourceOf(step), key: keyOf(step) };
      const { versionId } = await pulse(() => uploadVersion(treeOf(at), asked));
      return { id: versionId };
    },
    smokeVersion: (step) => pulse(() => smokeVersion(of(step.target), step)),
    async shareTraffic({ id, percentage, other, ...step }) {
      const at = of(step.target);
      const rest = percentage === 100 ? [] : [shareOf(other, 100 - percentage)];
      const shares = [shareOf(id, percentage), ...rest];
      const asked = { worker: at.worker, source: sourceOf(step), shares };
      const { message } = keyOf(step);
      const { deployed } = await pulse(() => deployVersions(treeOf(at), { ...asked, message }));
      return { shared: deployed };
    },
    holdShare: (step) => pulse(() => holdShare(step)),
    setTriggers: (step) => {
      const at = of(step.target);
      return pulse(() => setTriggers(treeOf(at), at.worker, sourceOf(step)));
    },
    async proveWorker(step) {
      await pulse(() => proveWorker(of(step.target), step, step.timing.startUpMs));
    },
    rollBackWorker: (step) => pulse(() => rollBack(of(step.target), step)),
  };
}

/** A clear no after which what served before serves still is no effect: nothing has to go back. */
async function unlessUntouched(
  at: At,
  expected: string | null,
  deploy: () => Promise<Deployed>,
): Promise<Deployed> {
  try {
    return await deploy();
  } catch (failure) {
    if (!isRefusal(failure)) throw failure;
    const { id, shares } = await see(at);
    if (id !== expected || shares.length > 1) throw failure;
    return { untouched: (failure as Error).message };
  }
}

const isRefusal = (failure: unknown) =>
  failure instanceof ApplicationFailure && finalFailures.includes(failure.type ?? '');
