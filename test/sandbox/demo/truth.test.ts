import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { proveTruth } from '../../../sandbox/demo/truth.ts';
import type { Fleet, FleetProject } from '../../../sandbox/fleet/fleet.ts';

const [old, next] = ['a', 'b'].map((letter) => letter.repeat(40)) as [string, string];
const fleetProject = {
  ...{ name: 'shop', repository: 'acme/shop', oldSha: old, newSha: next, staging: [] },
  hosts: [{ name: 'shop-1' }],
} as unknown as FleetProject;
const claim = { fleetProject, environment: 'production', outcome: 'succeeded' } as const;

let close = () => {};
afterEach(() => close());

/** Starts a fake control plane that answers every request with the result of `truth`. */
async function saying(truth: () => object): Promise<Fleet> {
  const server = createServer((_, response) => void response.end(JSON.stringify(truth())));
  close = () => void server.close();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { sandbox: { control: { address } } } as Fleet;
}

/**
 * Starts a fake control plane with one host. Each request shows the next commit of `served`. After
 * the last commit, every request shows that commit.
 */
const plane = (...served: (string | null)[]) =>
  saying(() => {
    const sha = served.length > 1 ? served.shift() : served[0];
    const host = { host: 'shop-1', running: next, served: sha ? { status: 200, sha } : null };
    return { hosts: [host], repositories };
  });
const repositories = [{ repository: 'acme/shop', main: next }];

test('a host that does not answer is asked again', async () => {
  expect(await proveTruth(await plane(null, null, next), claim)).toBe('new release on every host');
});

test('one that never answers, or answers with another release, is no proof', async () => {
  await expect(proveTruth(await plane(null), claim)).rejects.toThrow(
    `The host shop-1 serves undefined and runs ${next}. Both must be ${next}.`,
  );
  close();
  await expect(proveTruth(await plane(old, next), claim)).rejects.toThrow(
    `The host shop-1 serves ${old} and runs ${next}. Both must be ${next}.`,
  );
});

const atCloudflare = { ...claim, fleetProject: { ...fleetProject, hosts: [] } };
const shares = (...running: (string | null)[]) => ({
  ...{ hosts: [], repositories },
  cloudflare: [
    { worker: 'shop', live: running.map((it, n) => ({ id: `v${n}`, running: it })) },
    { worker: 'another', live: [{ id: 'v9', running: old }] },
  ],
});

test('a worker serves what each version that has a share of the traffic really runs', async () => {
  const fleet = await saying(() => shares(next));
  expect(await proveTruth(fleet, atCloudflare)).toBe('new release for everybody');
  close();
  for (const running of [old, null]) {
    const wrong = proveTruth(await saying(() => shares(next, running)), atCloudflare);
    const problem = `version v1 serves ${running}. It must serve ${next}.`;
    await expect(wrong).rejects.toThrow(problem);
    close();
  }
});
