import { endpointAt } from '../places.ts';
import type { PlatformModule } from '../module.ts';
import { sameSecret } from '../../lib/same-secret.ts';
import { createNorthflankActivities } from './activities.ts';
import { createConnect } from './connect.ts';
import { doctor } from './doctor.ts';
import { createNorthflankDriver } from './driver.ts';
import { live } from './live.ts';
import { rules } from './rules.ts';
import { resolveNorthflank } from './target.ts';

export const northflank: PlatformModule<'northflank'> = {
  resolveTarget: resolveNorthflank,
  rules,
  endpoints: ({ api, url }) => [endpointAt('api', api), endpointAt('url', url)],
  secrets: ({ token }) => [token],
  doctor,
  live,
  /**
   * Northflank does not sign its webhooks. So the last part of the webhook's address is a secret.
   */
  checkWebhook: async ({ rest }, secret) => (sameSecret(rest, secret) ? 'genuine' : 'not theirs'),
  connect({ secret, timeScale }) {
    const reach = createConnect({ secret, timeScale });
    return {
      driver: createNorthflankDriver(reach),
      activities: createNorthflankActivities(reach),
      close: () => {},
    };
  },
};
