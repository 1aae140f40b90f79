import type { Ship, ShipSpec } from '../fleet.ts';
import type { PlatformOptions } from '../platforms.ts';
import { pathsOf } from '../samples/workers.ts';
import type { Sandbox } from '../sandbox.ts';

const minuteMs = 60_000;

const onCloudflare = ({ at }: Pick<ShipSpec, 'at'>) => at === 'cloudflare';
const directoryOf = (name: string) => `workers/${name}`;

/** Nothing where no ship runs there. Its minutes, and what its analytics lag behind, are scaled like all time. */
export function cloudflareOf(
  specs: readonly ShipSpec[],
  timeScale: number,
): Pick<PlatformOptions, 'cloudflare'> {
  const origins = specs
    .filter(onCloudflare)
    .map(({ name }) => ({ name, repository: `acme/${name}`, directory: directoryOf(name) }));
  if (origins.length === 0) return {};
  const pace = { minuteMs: minuteMs / timeScale, lagMs: (2 * minuteMs) / timeScale };
  return { cloudflare: { origins, ...pace } };
}

/** What the worker's environment has for it. */
export const cloudflareEnv = ({ cloudflare, tokens }: Sandbox): Record<string, string> =>
  cloudflare ? { CLOUDFLARE_API_TOKEN: tokens.cloudflare ?? '' } : {};

/** The first release is live, deployed by hand; nothing is there for the next one until it is uploaded. */
export async function seedCloudflare(
  { cloudflare }: Sandbox,
  spec: ShipSpec,
  { oldSha }: Pick<Ship, 'oldSha'>,
) {
  if (onCloudflare(spec)) await cloudflare?.seed(spec.name, oldSha);
}

export function cloudflareEnvironment({ cloudflare }: Sandbox, { name }: Pick<Ship, 'name'>) {
  if (!cloudflare) throw new Error('the sandbox has no Cloudflare');
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
