import type {
  CloudflareActivities,
  Deployed,
} from '../../../domain/platforms/cloudflare/activities.ts';
import { withHeartbeat } from '../../lib/temporal-context.ts';
import { checkServed } from './check-served.ts';
import { holdShare } from './hold-share.ts';
import { atOf, keyOf, shareOf, sourceOf } from './place.ts';
import type { At } from './place.ts';
import { proveWorker } from './prove.ts';
import { deployVersions, deployWorker, setTriggers, uploadVersion } from './releases.ts';
import { rollBack } from './roll-back.ts';
import { see } from './snapshot.ts';
import { smokeVersion } from './smoke-version.ts';
import type { TreeDeps } from './tree.ts';
import { effect } from '../../lib/effect.ts';
import { isRefusal } from '../../lib/is-refusal.ts';

type Deps = { secret: (ref: string) => string } & Pick<TreeDeps, 'git' | 'workspace' | 'builder'>;

/**
 * Creates the activities that release a Worker with the real wrangler. Every effect except
 * `setTriggers` reads the state before it acts, acts once, and proves the result.
 */
export function createCloudflareActivities({ secret, ...given }: Deps): CloudflareActivities {
  const of = atOf(secret);
  const treeOf = ({ target }: At): TreeDeps => ({ ...given, npmrc: target.npmrc });
  return {
    checkServed: ({ target, expected }) => withHeartbeat(() => checkServed(of(target), expected)),
    deployWorker: effect('deployWorker', (step) => {
      const at = of(step.target);
      const asked = { worker: at.worker, source: sourceOf(step), key: keyOf(step) };
      const deploy = async () => ({ id: (await deployWorker(treeOf(at), asked)).versionId });
      return withHeartbeat(() => unlessUntouched(at, step.expected, deploy));
    }),
    uploadVersion: effect('uploadVersion', async (step) => {
      const at = of(step.target);
      const asked = { worker: at.worker, source: sourceOf(step), key: keyOf(step) };
      const { versionId } = await withHeartbeat(() => uploadVersion(treeOf(at), asked));
      return { id: versionId };
    }),
    smokeVersion: (step) => withHeartbeat(() => smokeVersion(of(step.target), step)),
    shareTraffic: effect('shareTraffic', async ({ id, percentage, other, ...step }) => {
      const at = of(step.target);
      const rest = percentage === 100 ? [] : [shareOf(other, 100 - percentage)];
      const shares = [shareOf(id, percentage), ...rest];
      const asked = { worker: at.worker, source: sourceOf(step), shares };
      const { message } = keyOf(step);
      const { deployed } = await withHeartbeat(() =>
        deployVersions(treeOf(at), { ...asked, message }),
      );
      return { shared: deployed };
    }),
    holdShare: (step) => withHeartbeat(() => holdShare(step)),
    setTriggers: effect('setTriggers', (step) => {
      const at = of(step.target);
      return withHeartbeat(() => setTriggers(treeOf(at), at.worker, sourceOf(step)));
    }),
    async proveWorker(step) {
      await withHeartbeat(() => proveWorker(of(step.target), step, step.timing.startUpMs));
    },
    rollBackWorker: effect('rollBackWorker', (step) =>
      withHeartbeat(() => rollBack(of(step.target), step)),
    ),
  };
}

/**
 * Runs `deploy`. If wrangler fails and the expected version is still live, nothing changed and no
 * rollback is needed. Then `untouched` of the result is wrangler's error text.
 */
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
