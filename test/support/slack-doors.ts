import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { publicKey } from './forgery.ts';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Settings for approvals in Slack through the socket and by HTTP. `approvals` returns the
 * configuration, for the `edit` of a stack. Slack sends its HTTP requests to `url`.
 */
export async function slackDoors() {
  const listen = `127.0.0.1:${await freePort()}`;
  const approvals = (directory: string) => {
    const key = join(directory, 'bridge');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'slack', '-f', key]);
    return {
      team: 'T0SANDBOX',
      ...{ key, publicKey: publicKey(key) },
      appToken: 'env:SLACK_APP_TOKEN',
      http: { listen, signingSecret: 'env:SLACK_SIGNING_SECRET' },
    };
  };
  return { url: `http://${listen}/slack`, approvals };
}
