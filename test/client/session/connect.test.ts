import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { refusal, target, withSession } from '../../../client/session/connect.ts';
import { isAway } from '../../../worker/session/grpc.ts';
import { recordedIo } from '../../support/io.ts';

const closedPort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

const rpc = (code: number, message = 'no') =>
  Object.assign(new Error('Failed to call'), {
    cause: Object.assign(new Error(message), { code }),
  });

describe('where to connect', () => {
  const nothing = { HOME: '/nonexistent', TEMPORAL_CONFIG_FILE: '/nonexistent.toml' };

  it('comes from the environment', async () => {
    const env = { ...nothing, TEMPORAL_ADDRESS: 'host:1', TEMPORAL_NAMESPACE: 'mine' };
    expect(await target(env)).toMatchObject({
      address: 'host:1',
      namespace: 'mine',
      connection: { address: 'host:1' },
    });
  });

  it('is the local default where nothing is said', async () => {
    expect(await target(nothing)).toMatchObject({
      address: 'localhost:7233',
      namespace: 'default',
    });
  });

  it('comes from a profile', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'plimsoll-profile-')), 'temporal.toml');
    writeFileSync(file, '[profile.work]\naddress = "work:7233"\nnamespace = "team"\n');
    const env = { TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'work' };
    expect(await target(env)).toMatchObject({ address: 'work:7233', namespace: 'team' });
    await expect(target({ ...env, TEMPORAL_PROFILE: 'play' })).rejects.toMatchObject({
      exitCode: 2,
      message: `The connection to Temporal is not configured correctly: Profile 'play' not found in config data
Check TEMPORAL_ADDRESS, TEMPORAL_PROFILE and TEMPORAL_CONFIG_FILE. To see the configuration: temporal config list`,
    });
  });
});

describe('a server', () => {
  it('that is missing is reported with both ways to get one', async () => {
    const address = `127.0.0.1:${await closedPort()}`;
    const io = recordedIo({ env: { TEMPORAL_ADDRESS: address } });
    await expect(withSession(io, {}, async () => 0)).rejects.toMatchObject({
      exitCode: 1,
      message: `No Temporal server answers at ${address}. Nothing was changed.
Start everything on this machine:  plimsoll up
Use a server elsewhere:  TEMPORAL_ADDRESS=host:7233 plimsoll …  (or TEMPORAL_PROFILE=name)
Use the door of a worker:  PLIMSOLL_SERVER=https://host plimsoll …`,
    });
  });

  it.each([7, 16])('that refuses us is exit 4 (gRPC %i)', (code) => {
    expect(refusal(rpc(code), 'cloud:7233', 'team')).toMatchObject({
      exitCode: 4,
      message: `Temporal at cloud:7233 does not let you use namespace "team". Nothing was changed.
Check TEMPORAL_API_KEY or the TLS files of your profile: temporal config list`,
    });
  });

  it('without the namespace is exit 2', () => {
    expect(refusal(rpc(5, 'Namespace team is not found.'), 'host:7233', 'team')).toMatchObject({
      exitCode: 2,
      message: `Temporal at host:7233 has no namespace "team". Nothing was changed.
Set TEMPORAL_NAMESPACE, or create the namespace: temporal operator namespace create team`,
    });
  });

  it('that does not answer is asked again while a deploy is followed', () => {
    expect([rpc(14), rpc(4), rpc(5), new Error('ours')].map(isAway)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('with any other trouble is no user error', () => {
    expect(refusal(new TypeError('ours'), 'host:7233', 'team')).toBeUndefined();
    expect(refusal(rpc(13), 'host:7233', 'team')).toBeUndefined();
  });
});
