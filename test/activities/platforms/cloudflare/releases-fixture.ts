import { afterAll, afterEach, beforeAll } from 'vitest';
import {
  deployVersions,
  deployWorker,
  uploadVersion,
} from '../../../../activities/platforms/cloudflare/releases.ts';
import { wranglerRollback } from '../../../../activities/platforms/cloudflare/wrangler-rollback.ts';
import type { FileTree } from '../../../../sandbox/samples/samples.ts';
import { name, startWorkshop } from './fixture.ts';
import type { Workshop } from './fixture.ts';

/**
 * Starts one worker for the tests of a file. Each tree becomes a commit, and tests name a commit by
 * its index.
 */
export function releases(trees: FileTree[], options: Parameters<typeof startWorkshop>[1] = {}) {
  const at = {} as { shop: Workshop };
  /** The version ids at Cloudflare, by the index of their commit. */
  const ids: string[] = [];
  beforeAll(async () => {
    at.shop = await startWorkshop(trees, options);
  });
  afterEach(() => {
    at.shop.board.clear();
    at.shop.board.effects.length = 0;
  });
  afterAll(() => at.shop.close());
  const asked = (n: number) => ({
    worker: at.shop.worker,
    source: at.shop.source(n),
    key: at.shop.key(n),
  });
  return Object.assign(at, {
    ids,
    asked,
    upload: (n: number) => uploadVersion(at.shop.deps, asked(n)),
    deploy: (n: number) => deployWorker(at.shop.deps, asked(n)),
    /** Splits the traffic between versions. Each pair is an index of `ids` and a percentage. */
    split: (shares: [number, number][], source = at.shop.source(1)) => {
      const wanted = shares.map(([n, percentage]) => ({ versionId: ids[n] ?? '', percentage }));
      const { worker, deps } = at.shop;
      return deployVersions(deps, { worker, source, shares: wanted, message: 'm' });
    },
    back: (n: number, worker = at.shop.worker) =>
      wranglerRollback({ worker, versionId: ids[n] ?? '', message: 'back' }),
    live: () => at.shop.truth()?.live.map(({ id, percentage }) => [id, percentage]),
    whole: (n: number) => [[ids[n], 100]],
    api: (path: string) =>
      `/client/v4/accounts/${at.shop.cloudflare.account}/workers/scripts/${name}${path}`,
  });
}
