import { createCloudflareActivities } from '../../../../activities/platforms/cloudflare/activities.ts';
import { createCloudflareDriver } from '../../../../activities/platforms/cloudflare/driver.ts';
import type { PlanOn } from '../../../../domain/deploy/plan.ts';
import type { CloudflareTarget } from '../../../../domain/platforms/cloudflare/target.ts';
import { timing as timingOf } from '../../../../domain/deploy/timing.ts';
import type { FileTree } from '../../../../sandbox/samples/samples.ts';
import { cloudflarePlan } from '../../../support/fake-cloudflare.ts';
import { token } from '../../../sandbox/platforms/cloudflare/cloudflare-fixture.ts';
import { name, startWorkshop } from './fixture.ts';
import type { Builder } from '../../../../activities/builds/builder.ts';
import { plainBuilder } from '../../../support/builder.ts';

export { name };
export const host = `cloudflare ${name}`;
export const timing = { ...timingOf(1), startUpMs: 300, confirmMs: 5, segmentMs: 40, sampleMs: 10 };
export const smoke = { auth: '/login', payments: '/tasks', core: '/' };
const secrets: Record<string, string> = {
  'env:CLOUDFLARE_API_TOKEN': token,
  'env:WRONG_TOKEN': 'cf-wrong-token',
};
const secret = (ref: string) => secrets[ref] ?? '';

type Options = Parameters<typeof startWorkshop>[1] & { timeScale?: number; builder?: Builder };

/**
 * Starts the stand-in with one worker, whose repository has one commit per tree. Returns the
 * stand-in with Plimsoll's activities and driver.
 */
export async function cloudflarePlace(
  trees: FileTree[],
  { timeScale = 1, builder = plainBuilder, ...options }: Options = {},
) {
  const minuteMs = 60_000 / timeScale;
  const shop = await startWorkshop(trees, { minuteMs, ...options });
  const { cloudflare } = shop;
  const { workspace } = shop.deps;
  const target: CloudflareTarget = {
    platform: 'cloudflare',
    account: cloudflare.account,
    worker: name,
    directory: `workers/${name}`,
    env: null,
    rollout: 'all-at-once',
    token: 'env:CLOUDFLARE_API_TOKEN',
    api: cloudflare.api,
    repository: shop.source(0).repository,
    url: cloudflare.url(name),
    preview: cloudflare.previews(name),
    health: '/health',
    version: '/version',
    requiredVariables: [],
  };
  const shaOf = (n: number) => shop.shas[n] ?? '';
  const stepOf = (n: number, deployId = `d-${n}`, more: Partial<CloudflareTarget> = {}) => ({
    deploy: { deployId, project: 'assistant', environment: 'production', sha: shaOf(n) },
    target: { ...target, ...more },
    release: { id: `${shaOf(n).slice(0, 12)}-00000000`, sha: shaOf(n) },
  });
  const verbs = createCloudflareActivities({ secret, git: shop.git, workspace, builder });
  const driver = createCloudflareDriver({ secret, git: shop.git, builder, timeScale });
  return Object.assign(shop, {
    target,
    shaOf,
    stepOf,
    do: verbs,
    driver,
    /**
     * Deploys commit n to all traffic, as part of the deploy `deployId`. Returns the version id.
     */
    async deployed(n: number, deployId = `d-${n}`): Promise<string> {
      const expected = shop.truth()?.live[0]?.id ?? null;
      const done = await verbs.deployWorker({ ...stepOf(n, deployId), expected });
      if ('id' in done) return done.id;
      throw new Error(done.untouched);
    },
    planOf: (n: number, more: Partial<CloudflareTarget> = {}) =>
      cloudflarePlan({
        target: { ...target, ...more },
        sha: shaOf(n),
      }) as PlanOn<CloudflareTarget>,
    live: () => shop.truth()?.live.map(({ id, percentage }) => [id, percentage]),
  });
}
export type CloudflarePlace = Awaited<ReturnType<typeof cloudflarePlace>>;
