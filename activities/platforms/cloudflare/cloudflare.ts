import { endpointAt } from '../places.ts';
import type { PlatformModule } from '../module.ts';
import { createCloudflareActivities } from './activities.ts';
import { doctor } from './doctor.ts';
import { createCloudflareDriver } from './driver.ts';
import { live } from './live.ts';
import { ofSome, rules } from './rules.ts';
import { resolveCloudflare } from './target.ts';

export const cloudflare: PlatformModule<'cloudflare'> = {
  resolveTarget: resolveCloudflare,
  rules,
  endpoints: ({ api, url, preview }) => [
    endpointAt('api', api),
    endpointAt('url', url),
    ...(preview === undefined ? [] : [endpointAt('preview', preview, ofSome(preview))]),
  ],
  secrets: ({ token }) => [token],
  doctor,
  live,
  checkWebhook: null,
  connect: ({ secret, git, builder, workspace, timeScale }) => ({
    driver: createCloudflareDriver({ secret, git, builder, timeScale }),
    activities: createCloudflareActivities({ secret, git, builder, workspace }),
    close: () => {},
  }),
};
