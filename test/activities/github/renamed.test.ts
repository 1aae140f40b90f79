import { afterAll, beforeAll, expect, test } from 'vitest';
import { createGitHub } from '../../../activities/github/github.ts';
import { startGithub } from '../../../sandbox/github/github.ts';
import type { Github } from '../../../sandbox/github/github.ts';
import { hostAndGit } from '../git/host.ts';
import { zipOf } from '../gates/zip.ts';

let at: Awaited<ReturnType<typeof hostAndGit>>;
let hub: Github;
let sha: string;
beforeAll(async () => {
  at = await hostAndGit();
  const { repositories } = at.host;
  hub = await startGithub({ board: at.board, repositories, token: 'gh-token' });
  [sha] = (await at.host.createRepository('acme/store', [
    { files: { a: '1' }, message: 'First' },
  ])) as [string];
  hub.rename('acme/shop', 'acme/store');
});
afterAll(() => Promise.all([hub.close(), at.close()]));
const client = () =>
  createGitHub({ api: hub.address, token: 'gh-token', variable: 'GITHUB_TOKEN' });

test('a renamed repository is read and written under its present name', async () => {
  hub.setCheckRun('acme/store', sha, { name: 'unit', status: 'completed' });
  const { number } = hub.createIssue('acme/store', { title: 'Cards' });
  const zip = zipOf([{ name: 'a.xml', text: '<testsuite/>' }]);
  hub.storeArtifact('acme/store', { sha, name: 'junit', zip });
  const github = client();
  expect((await github.checksOf('acme/shop', sha)).checkRuns).toMatchObject([{ name: 'unit' }]);
  await github.comment('acme/shop', number, 'Deployed');
  await github.closeIssue('acme/shop', number);
  const { issues, comments } = hub.state('acme/store');
  expect(comments.map(({ comment }) => comment.body)).toEqual(['Deployed']);
  expect(issues.map(({ state }) => state)).toEqual(['closed']);
  expect(await github.artifactOf('acme/shop', sha, 'junit')).toEqual({ zip });
});

test('an issue that was transferred to another repository does not exist here', async () => {
  const { number } = hub.createIssue('acme/store', { title: 'Moved' });
  hub.transferIssue('acme/store', number);
  expect(await client().issue('acme/store', number)).toBe(null);
});
