import { samples } from '../../sandbox/samples/samples.ts';
import { smoke, timing, vercelPlace } from '../activities/platforms/vercel/place.ts';
import { conforms } from './suite.ts';

conforms({
  platform: 'vercel',
  environment: {
    platform: 'vercel',
    project: 'barber-crm',
    team: 'acme',
    token: 'env:VERCEL_TOKEN',
    bypass: 'env:VERCEL_BYPASS',
    api: 'https://api.vercel.com',
    url: 'https://barber.example',
    smoke,
  },
  async open() {
    const at = await vercelPlace();
    const { sha: old } = await at.served();
    const { sha: next } = await at.push(samples.good(2));
    const plan = { timing, smoke };
    return { ...at, old, next, plan, activities: at.do, effects: () => at.effects() };
  },
});
