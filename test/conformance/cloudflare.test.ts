import { workers } from '../../sandbox/samples/workers.ts';
import { cloudflarePlace, name, smoke, timing } from '../activities/platforms/cloudflare/place.ts';
import { conforms } from './suite.ts';

conforms({
  platform: 'cloudflare',
  environment: {
    platform: 'cloudflare',
    account: '0123456789abcdef0123456789abcdef',
    worker: 'agency-router',
    token: 'env:CLOUDFLARE_API_TOKEN',
    api: 'https://api.cloudflare.com/client/v4',
    url: 'https://router.example',
    preview: 'https://{version}-router.example',
    health: '/health',
    smoke,
  },
  async open() {
    const at = await cloudflarePlace([workers.good(name, 1), workers.good(name, 2)]);
    await at.deployed(0);
    const [old, next] = [at.shaOf(0), at.shaOf(1)];
    const target = { ...at.target, rollout: 'gradual' as const };
    const plan = { timing, smoke };
    const done = { activities: at.do, effects: () => at.board.effects };
    return { ...at, ...done, target, old, next, plan, setAgain: ['setTriggers'] };
  },
});
