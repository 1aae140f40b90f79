import { live } from '../../activities/platforms/northflank/live.ts';
import { placesOn } from '../../activities/platforms/places.ts';
import type { Config } from '../../domain/config/config.ts';
import { allPermissions } from '../../sandbox/platforms/northflank/permissions.ts';
import { northflankPlace } from '../activities/platforms/northflank/place.ts';
import { repository, token } from '../sandbox/platforms/northflank/northflank-fixture.ts';
import { eventually } from '../support/e2e.ts';
import { holdsTo } from './contract.ts';
import { refusals } from './refusals.ts';

const reader = { id: 'reader', project: 'openclaw', repository, buildsFrom: 'gateway' };

async function drive(): Promise<void> {
  const at = await northflankPlace({ services: [{ ...reader, kind: 'deployment' }] });
  const production = { ...at.target, requiredVariables: ['GATEWAY_TOKEN'] };
  const gateway = { branch: 'main', environments: { production } };
  const places = placesOn({ projects: { gateway } } as unknown as Config, 'northflank');
  const readAll = async () => {
    for (const { run } of live(places, { secret: () => token, isSet: () => true })) await run();
  };
  await readAll();
  const { service } = at.connect(at.target);
  const started = await service.startBuild({ sha: at.shas[1] ?? '' });
  await service.abortBuild(started.id);
  for (const id of ['gateway', 'reader']) {
    const one = at.connect({ ...at.target, service: id }).service;
    await one.pin({ from: 'gateway', buildId: at.live, service: await one.service() });
  }
  at.northflank.rule({ version: '0.11', role: allPermissions('0.11') });
  const buildId = await at.build(at.shas[1] ?? '');
  at.northflank.set('gateway', { gradual: { id: 'canary-20', percent: 20, blocks: false } });
  await at.pin(buildId);
  await eventually('the rollout is completed', () => at.truth().status === 'COMPLETED');
  await readAll();
  const services = `${at.northflank.address}/v1/projects/openclaw/services`;
  await refusals({
    ...{ board: at.board, service: 'northflank', token },
    ...{ url: `${services}/gateway`, missing: `${services}/nobody` },
    forbid: () => at.northflank.rule({ version: '0.11', role: [] }),
  });
  await at.close();
}

holdsTo({ vendor: 'northflank', drive, refusals: ['401', '404', '429', '502'] });
