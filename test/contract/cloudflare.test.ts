import { live } from '../../activities/platforms/cloudflare/live.ts';
import { placesOn } from '../../activities/platforms/places.ts';
import type { Config } from '../../domain/config/config.ts';
import { documentedForRoutes } from '../../sandbox/platforms/cloudflare/permissions.ts';
import { workers } from '../../sandbox/samples/workers.ts';
import { cloudflarePlace, name } from '../activities/platforms/cloudflare/place.ts';
import { ask, token } from '../sandbox/platforms/cloudflare/cloudflare-fixture.ts';
import { holdsTo } from './contract.ts';
import { refusals } from './refusals.ts';

async function drive(): Promise<void> {
  const zone = { id: '023e105f4ecef8ad9ca31a8372d0c353', name: 'example.com' };
  const at = await cloudflarePlace([workers.good(name)], {
    ...{ zones: [zone], permissions: documentedForRoutes },
  });
  await at.deployed(0);
  await ask(`${at.target.url}/health`);
  const assistant = { branch: 'main', environments: { production: at.target } };
  const places = placesOn({ projects: { assistant } } as unknown as Config, 'cloudflare');
  for (const { run } of live(places, { secret: () => token, isSet: () => true })) await run();
  await at.client.zoneId(zone.name);
  await at.client.zoneRoutes(zone.id, 'the routes');
  const scripts = `${at.cloudflare.api}/accounts/${at.cloudflare.account}/workers/services`;
  await refusals({
    ...{ board: at.board, service: 'cloudflare', token },
    ...{ url: `${scripts}/${name}`, missing: `${scripts}/nobody` },
    forbid: () => at.cloudflare.permit([]),
  });
  await at.close();
}

holdsTo({ vendor: 'cloudflare', drive, refusals: ['401', '403', '404', '429', '500'] });
