import { live } from '../../activities/platforms/vercel/live.ts';
import { placesOn } from '../../activities/platforms/places.ts';
import type { Config } from '../../domain/config/config.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { vercelPlace } from '../activities/platforms/vercel/place.ts';
import { project, token } from '../sandbox/platforms/vercel/vercel-fixture.ts';
import { holdsTo } from './contract.ts';
import { refusals } from './refusals.ts';

async function drive(): Promise<void> {
  const at = await vercelPlace();
  const { target, client, where, vercel } = at;
  const shop = { github: 'acme/barber-crm', branch: 'main', environments: { production: target } };
  const places = placesOn({ projects: { shop } } as unknown as Config, 'vercel');
  const deps = { secret: () => token, isSet: () => true };
  for (const { run } of live(places, deps)) await run();
  const staged = await at.push(samples.good(2));
  await at.ended(staged.id);
  await client.setAutoAssign(project, false);
  await client.promote({ ...where, id: staged.id });
  await at.moved();
  await client.assignAlias({ ...where, id: staged.id, domain: new URL(target.url).host });
  await client.rollback({ ...where, id: at.live, note: 'back' });
  await at.moved();
  for (const { run } of live(places, deps)) await run();
  await client.productionDomains(where);
  vercel.hold(project, 'builds');
  const from = { deployment: staged.id };
  const id = await client.createDeployment({ ...where, releaseId: 'r1', from });
  await client.cancel({ ...where, id });
  vercel.letGo(project, 'builds');
  const urlOf = (one: string) => `${vercel.address}/v9/projects/${one}?teamId=${vercel.team.id}`;
  await refusals({
    ...{ board: at.board, service: 'vercel', token },
    ...{ url: urlOf(project), missing: urlOf('nobody') },
    forbid: () => vercel.setRole('member', { lacks: ['project: read'] }),
  });
  await at.close();
}

holdsTo({ vendor: 'vercel', drive, refusals: ['403', '404', '429', '500'] });
