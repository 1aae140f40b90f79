import { generateKeyPairSync } from 'node:crypto';
import { createGitHub } from '../../activities/github/github.ts';
import { startGithub } from '../../sandbox/github/github.ts';
import { githubLive } from '../../worker/live/github.ts';
import { hostAndGit } from '../activities/git/host.ts';
import { configOf } from '../worker/doctor/doctor-fixture.ts';
import { holdsTo } from './contract.ts';
import { ask, refusals } from './refusals.ts';

const repository = 'acme/shop';
const token = 'gh-token';
const noRights = { kind: 'fine-grained', permissions: {}, role: 'admin' } as const;

const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});

async function drive(): Promise<void> {
  const at = await hostAndGit();
  const { board, host } = at;
  const app = { id: 4711, installation: 99, publicKey, permissions: {} };
  const access = { token, tokens: { weak: noRights }, app };
  const hub = await startGithub({ board, repositories: host.repositories, ...access });
  const files = [{ files: { a: '1' }, message: 'First' }];
  const [sha = ''] = await host.createRepository(repository, files);
  const branch = { files: { b: '2' }, message: 'Second', branch: 'revert' };
  await host.repositories.commit(repository, branch);
  hub.setCheckRun(repository, sha, { name: 'unit', status: 'completed', conclusion: 'success' });
  hub.setStatus(repository, sha, { context: 'ci', state: 'success' });
  hub.storeArtifact(repository, { sha, name: 'junit', zip: Buffer.from('zip') });
  hub.createIssue(repository, { title: 'Broken' });
  hub.createPull(repository, { title: 'Mend', head: 'old', commits: [sha], mergedAs: sha });
  hub.setRules(repository, {
    rulesets: { main: [{ context: 'unit' }] },
    protection: { main: [{ context: 'unit', app: 15368 }] },
  });
  hub.setAlerts(repository, {
    'code-scanning': [{ rule: 'js/xss', level: 'high', path: 'a.js' }],
    dependabot: [{ ghsa: 'GHSA-1', severity: 'high', package: 'left-pad', summary: 'Bad' }],
    'secret-scanning': [{ type: 'github_token' }],
  });
  hub.setAccount(repository, sha, { login: 'casey', verified: true });
  hub.push(repository, {
    login: 'casey',
    before: '0'.repeat(40),
    after: sha,
    ref: 'refs/heads/main',
  });
  const client = createGitHub({ api: hub.address, token, variable: 'GITHUB_TOKEN' });
  const wanted = {
    ...{ repository, sha, environment: 'production', production: true },
    payload: { deployId: 'd-1', releaseId: 'r-1' },
  };
  const id = await client.createDeployment(wanted);
  const done = { state: 'success', description: 'Live', logUrl: null } as const;
  await client.setDeploymentState(repository, id, done);
  await client.comment(repository, 1, 'Deployed');
  await client.closeIssue(repository, 1);
  await client.openPull(repository, { head: 'revert', base: 'main', title: 'Undo', body: '' });
  const config = configOf({ top: { github: { api: hub.address, token: 'env:GITHUB_TOKEN' } } });
  for (const { run } of githubLive(config, { GITHUB_TOKEN: token })) await run();
  const asApp = { id: 4711, installation: 99, key: 'env:GITHUB_APP_KEY' };
  const ofApp = configOf({ top: { github: { api: hub.address, app: asApp } } });
  for (const { run } of githubLive(ofApp, { GITHUB_APP_KEY: privateKey })) await run();
  const shop = `${hub.address}/repos/${repository}`;
  const again = { method: 'POST', body: '{"head":"revert","base":"main","title":"Undo"}' };
  await ask(`${shop}/pulls`, token, again);
  await refusals({
    ...{ board, service: 'github', token, weak: 'weak' },
    ...{ url: `${shop}/deployments`, missing: `${shop}/issues/4711` },
  });
  await hub.close();
  await at.close();
}

holdsTo({ vendor: 'github', drive, refusals: ['401', '403', '404', '422', '500'] });
