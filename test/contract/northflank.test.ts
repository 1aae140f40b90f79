import { live } from '../../activities/platforms/northflank/live.ts';
import { placesOn } from '../../activities/platforms/places.ts';
import type { Config } from '../../domain/config/config.ts';
import { northflankPlace } from '../activities/platforms/northflank/place.ts';
import { token } from '../sandbox/platforms/northflank/northflank-fixture.ts';
import { holdsTo } from './contract.ts';

async function drive(): Promise<void> {
  const at = await northflankPlace();
  const production = { ...at.target, requiredVariables: ['GATEWAY_TOKEN'] };
  const gateway = { branch: 'main', environments: { production } };
  const places = placesOn({ projects: { gateway } } as unknown as Config, 'northflank');
  for (const { run } of live(places, { secret: () => token, isSet: () => true })) await run();
  const { service } = at.connect(at.target);
  const started = await service.startBuild({ sha: at.shas[1] ?? '' });
  await service.abortBuild(started.id);
  await service.pin({ from: 'gateway', buildId: at.live });
  await at.close();
}

holdsTo({
  vendor: 'northflank',
  drive,
  without: {
    'PATCH /v1/projects/{projectId}/services/combined/{serviceId}': 'the older path is asked',
    'PATCH /v1/projects/{projectId}/services/deployment/{serviceId}': 'the older path is asked',
  },
});
