import { createHmac } from 'node:crypto';
import { endpointAt } from '../places.ts';
import type { PlatformModule } from '../module.ts';
import { sameSecret } from '../../lib/same-secret.ts';
import { createVercelActivities } from './activities.ts';
import { doctor } from './doctor.ts';
import { createVercelDriver } from './driver.ts';
import { live } from './live.ts';
import { rules } from './rules.ts';
import { resolveVercel } from './target.ts';

export const vercel: PlatformModule<'vercel'> = {
  resolveTarget: resolveVercel,
  rules,
  endpoints: ({ api, url }) => [endpointAt('api', api), endpointAt('url', url)],
  secrets: ({ token, bypass }) => [token, bypass],
  doctor,
  live,
  /** Checks the signature of the body. Vercel signs the body of each webhook. */
  async checkWebhook({ header, body }, secret) {
    const sent = await body();
    if (sent === null) return 'too large';
    const signature = createHmac('sha1', secret).update(sent).digest('hex');
    return sameSecret(header('x-vercel-signature'), signature) ? 'genuine' : 'not theirs';
  },
  connect: ({ secret }) => ({
    driver: createVercelDriver({ secret }),
    activities: createVercelActivities({ secret }),
    close: () => {},
  }),
};
