import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { startGithub } from '../../sandbox/github/github.ts';
import { startSlack } from '../../sandbox/slack/slack.ts';
import { workers } from '../../sandbox/samples/workers.ts';
import { cloudflarePlace, name as worker } from '../activities/platforms/cloudflare/place.ts';
import { northflankPlace } from '../activities/platforms/northflank/place.ts';
import { vercelPlace } from '../activities/platforms/vercel/place.ts';
import { token as cloudflareToken } from '../sandbox/platforms/cloudflare/cloudflare-fixture.ts';
import { token as northflankToken } from '../sandbox/platforms/northflank/northflank-fixture.ts';
import { token as vercelToken } from '../sandbox/platforms/vercel/vercel-fixture.ts';
import { hostAndGit } from '../activities/git/host.ts';

/** The variables with the tokens of every stand-in. */
export const tokens = {
  GITHUB_TOKEN: 'gh-token',
  SLACK_BOT_TOKEN: 'xoxb-right',
  VERCEL_TOKEN: vercelToken,
  CLOUDFLARE_API_TOKEN: cloudflareToken,
  NORTHFLANK_TOKEN: northflankToken,
};

const key = (end: string) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${end}`;

/**
 * Starts the stand-in of every vendor, each with something to read, and writes a plimsoll.yaml that
 * names all of them.
 */
export async function startAll() {
  const at = await hostAndGit();
  const { board, host } = at;
  const [sha = ''] = await host.createRepository('acme/shop', [
    { files: { a: '1' }, message: 'First' },
  ]);
  const github = await startGithub({
    board,
    repositories: host.repositories,
    token: tokens.GITHUB_TOKEN,
  });
  const slack = await startSlack({
    board,
    token: tokens.SLACK_BOT_TOKEN,
    users: [{ id: 'U0ADA', name: 'ada', email: 'ada@example.test', isBot: false }],
  });
  const vercel = await vercelPlace();
  const northflank = await northflankPlace();
  const cloudflare = await cloudflarePlace([workers.good(worker)]);
  await cloudflare.deployed(0);
  github.setCheckRun('acme/shop', sha, {
    name: 'unit',
    status: 'completed',
    conclusion: 'success',
  });
  github.storeArtifact('acme/shop', { sha, name: 'junit', zip: Buffer.from('zip') });
  const common = { smoke: { auth: '/', payments: '/', core: '/' } };
  const { target: v } = vercel;
  const { target: n } = northflank;
  const { target: c } = cloudflare;
  const project = (production: object) => ({
    repository: `${host.address}/acme/shop.git`,
    github: 'acme/shop',
    revert: 'off',
    tests: { required: ['unit'] },
    environments: { production: { ...production, ...common } },
  });
  const config = {
    sandbox: true,
    github: { api: github.address, token: 'env:GITHUB_TOKEN' },
    slack: { api: slack.api, token: 'env:SLACK_BOT_TOKEN' },
    approvers: {
      ana: { keys: [key('DeU5dQv/6odhZp9KerCk+fBhsh8rVDLMErtC+dsKEG5')] },
      ben: { keys: [key('A8VUVF/dkqAj5CQztdTpVLZKrsqAj3BVejjSYHuYvdZ')] },
    },
    projects: {
      shop: project({
        platform: 'vercel',
        ...{ project: v.project, team: v.team, api: v.api, url: v.url, health: v.health },
      }),
      gateway: project({
        platform: 'northflank',
        ...{ project: n.project, service: n.service, api: n.api, url: n.url, health: n.health },
      }),
      assistant: project({
        platform: 'cloudflare',
        ...{ account: c.account, worker: c.worker, directory: c.directory, api: c.api },
        ...{ url: c.url, preview: c.preview, health: c.health },
      }),
    },
  };
  const directory = mkdtempSync(join(tmpdir(), 'plimsoll-live-'));
  const file = join(directory, 'plimsoll.yaml');
  writeFileSync(file, stringify(config));
  const close = async () => {
    await Promise.all([github.close(), slack.close(), vercel.close()]);
    await Promise.all([northflank.close(), cloudflare.close()]);
    await at.close();
  };
  return { at, sha, github, slack, vercel, northflank, cloudflare, file, directory, close };
}
export type All = Awaited<ReturnType<typeof startAll>>;
