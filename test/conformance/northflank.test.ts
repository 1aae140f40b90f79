import { timing } from '../../domain/deploy/timing.ts';
import { northflankPlace } from '../activities/platforms/northflank/place.ts';
import { conforms } from './suite.ts';

conforms({
  platform: 'northflank',
  environment: {
    platform: 'northflank',
    project: 'openclaw',
    service: 'gateway',
    token: 'env:NORTHFLANK_TOKEN',
    api: 'https://api.northflank.com',
    url: 'https://gateway.example',
    health: '/healthz',
    smoke: { auth: '/login', payments: 'n/a: nothing is sold', core: '/' },
  },
  async open() {
    const at = await northflankPlace();
    const [old = '', next = ''] = at.shas;
    const plan = { timing: { ...timing(180), startUpMs: 3000 } };
    return { ...at, old, next, plan, activities: at.do, effects: () => at.board.effects };
  },
});
