import type { FleetProject, ProjectSpec } from './fleet.ts';
import type { PlatformOptions } from '../platforms/platforms.ts';
import { pathsOf } from '../samples/workers.ts';
import type { Sandbox } from '../sandbox.ts';

const minuteMs = 60_000;

const onCloudflare = ({ at }: Pick<ProjectSpec, 'at'>) => at === 'cloudflare';
const directoryOf = (name: string) => `workers/${name}`;

/**
 * Returns the options of the Cloudflare stand-in, or {} if no project runs at Cloudflare. In these
 * options, the length of a minute and the delay of the analytics are divided by `timeScale`.
 */
export function cloudflareOf(
  specs: readonly ProjectSpec[],
  timeScale: number,
): Pick<PlatformOptions, 'cloudflare'> {
  const origins = specs
    .filter(onCloudflare)
    .map(({ name }) => ({ name, repository: `acme/${name}`, directory: directoryOf(name) }));
  if (origins.length === 0) return {};
  const pace = { minuteMs: minuteMs / timeScale, lagMs: (2 * minuteMs) / timeScale };
  return { cloudflare: { origins, ...pace } };
}

/** Returns the environment variables that the worker process needs for Cloudflare. */
export const cloudflareEnv = ({ cloudflare, tokens }: Sandbox): Record<string, string> =>
  cloudflare ? { CLOUDFLARE_API_TOKEN: tokens.cloudflare ?? '' } : {};

/**
 * Deploys the first release without Plimsoll. Cloudflare gets the next release only when a deploy
 * uploads it.
 */
export async function seedCloudflare(
  { cloudflare }: Sandbox,
  spec: ProjectSpec,
  { oldSha }: Pick<FleetProject, 'oldSha'>,
) {
  if (onCloudflare(spec)) await cloudflare?.seed(spec.name, oldSha);
}

export function cloudflareEnvironment(
  { cloudflare }: Sandbox,
  { name }: Pick<FleetProject, 'name'>,
) {
  if (!cloudflare) throw new Error('The sandbox has no Cloudflare stand-in.');
  const [core, auth, payments] = pathsOf(name);
  return {
    platform: 'cloudflare',
    account: cloudflare.account,
    worker: name,
    directory: directoryOf(name),
    api: cloudflare.api,
    url: cloudflare.url(name),
    preview: cloudflare.previews(name),
    health: '/health',
    version: '/version',
    smoke: { auth, payments, core },
  };
}
