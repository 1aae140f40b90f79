import { createVercelActivities } from '../../../../activities/platforms/vercel/activities.ts';
import { createVercelDriver } from '../../../../activities/platforms/vercel/driver.ts';
import type { VercelTarget } from '../../../../domain/platforms/vercel/target.ts';
import { timing as timingOf } from '../../../../domain/deploy/timing.ts';
import {
  bypass,
  project,
  token,
  vercelFixture,
} from '../../../sandbox/platforms/vercel/vercel-fixture.ts';

type Options = Parameters<typeof vercelFixture>[0];

const secrets: Record<string, string> = {
  'env:VERCEL_TOKEN': token,
  'env:VERCEL_BYPASS': bypass,
  'env:OLD_BYPASS': 'revoked',
};
const secret = (ref: string) => secrets[ref] ?? '';
export const timing = { ...timingOf(1), startUpMs: 300, confirmMs: 5 };
export const smoke = { auth: '/login', payments: '/pay', core: '/' };
/** Short waiting times, so that the tests end soon. */
const pace = {
  moveMs: 5,
  mostMoveMs: 60_000,
  pollMs: 5,
  mostBuildMs: 60_000,
  appearMs: 60_000,
  graceMs: 60,
};

/**
 * Starts the stand-in with one project. Returns the stand-in with Plimsoll's activities and driver.
 */
export async function vercelPlace(options: Options = {}) {
  const fixture = await vercelFixture(options);
  const [url = ''] = fixture.vercel.origins(project);
  const target: VercelTarget = {
    platform: 'vercel',
    project,
    team: 'acme',
    token: 'env:VERCEL_TOKEN',
    bypass: 'env:VERCEL_BYPASS',
    api: fixture.vercel.address,
    repository: 'http://127.0.0.1:1/acme/barber-crm.git',
    branch: 'main',
    url,
    health: '/healthz',
    version: '/version',
    requiredVariables: [],
  };
  const stepOf = (sha: string, more: Partial<VercelTarget> = {}) => ({
    deploy: { deployId: 'd-1', project: 'barber', environment: 'production', sha },
    target: { ...target, ...more },
  });
  const truth = async () => (await fixture.vercel.truth())[0]!;
  return Object.assign(fixture, {
    target,
    stepOf,
    truth,
    do: createVercelActivities({ secret, ...pace }),
    /** The activities of `do`, but with short time limits. */
    hasty: createVercelActivities({ secret, ...pace, appearMs: 1000, mostMoveMs: 1000 }),
    driver: createVercelDriver({ secret, pace: { pauseMs: 5 } }),
    back: (sha: string, id?: string) => ({
      ...stepOf(sha),
      timing,
      release: {
        id: `${sha.slice(0, 12)}-0`,
        sha,
        ...(id === undefined ? {} : { platformId: id }),
      },
    }),
    /** The release that the domain itself reports, without a call of the API. */
    served: async () => (await (await fetch(`${url}/version`)).json()) as { sha: string },
  });
}
export type VercelPlace = Awaited<ReturnType<typeof vercelPlace>>;
