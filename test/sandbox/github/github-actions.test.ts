import { afterEach, beforeEach, expect, test } from 'vitest';
import { githubFixture, name, shop } from './github-fixture.ts';
import type { GithubFixture } from './github-fixture.ts';

let fixture: GithubFixture;
beforeEach(async () => {
  fixture = await githubFixture();
});
afterEach(() => fixture.close());

const branch = 'main';
const rules = () =>
  fixture.octokit.request('GET /repos/{owner}/{repo}/rules/branches/{branch}', {
    ...{ ...shop, branch },
  });
const protection = () => fixture.octokit.rest.repos.getStatusChecksProtection({ ...shop, branch });
const problem = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    ({ status, message }: { status: number; message: string }) =>
      `${status} ${message.split(' - http')[0]}`,
  );

test('a branch without rules, and one on a plan without them', async () => {
  expect((await rules()).data.map(({ type }) => type)).toEqual(['deletion']);
  expect(await problem(protection())).toBe('404 Branch not protected');
  fixture.github.setRules(name, { rulesets: null, protection: null });
  const upgrade =
    '403 Upgrade to GitHub Pro or make this repository public to enable this feature.';
  expect([await problem(rules()), await problem(protection())]).toEqual([upgrade, upgrade]);
});

test('required checks, with and without the app that is trusted', async () => {
  const required = [{ context: 'unit', app: 15368 }, { context: 'lint' }];
  fixture.github.setRules(name, { rulesets: { main: required }, protection: { main: required } });
  expect((await rules()).data[1]).toMatchObject({
    type: 'required_status_checks',
    parameters: {
      required_status_checks: [{ context: 'unit', integration_id: 15368 }, { context: 'lint' }],
    },
  });
  expect((await protection()).data).toMatchObject({
    contexts: ['unit', 'lint'],
    checks: [
      { context: 'unit', app_id: 15368 },
      { context: 'lint', app_id: null },
    ],
  });
});

test('an artifact is found by commit and name, and its bytes are had by a redirect', async () => {
  const { actions } = fixture.octokit.rest;
  const zip = Buffer.from('PK bytes');
  const artifact_id = fixture.github.storeArtifact(name, {
    sha: fixture.third,
    name: 'junit',
    zip,
  });
  const { data } = await actions.listWorkflowRunsForRepo({ ...shop, head_sha: fixture.third });
  const run_id = data.workflow_runs[0]!.id;
  const listed = await actions.listWorkflowRunArtifacts({ ...shop, run_id, name: 'junit' });
  expect(listed.data.artifacts).toMatchObject([
    { id: artifact_id, name: 'junit', size_in_bytes: 8, expired: false },
  ]);
  const call = { ...shop, artifact_id, archive_format: 'zip' };
  const answer = await actions.downloadArtifact(call);
  expect(Buffer.from(answer.data as ArrayBuffer)).toEqual(zip);
  const other = await actions.listWorkflowRunsForRepo({ ...shop, head_sha: fixture.first });
  expect(other.data.total_count).toBe(0);
});

test('an artifact that has expired is listed, and gone', async () => {
  const zip = Buffer.from('PK');
  const input = { sha: fixture.third, name: 'junit', zip, expired: true };
  const artifact_id = fixture.github.storeArtifact(name, input);
  const call = { ...shop, artifact_id, archive_format: 'zip' };
  expect(await problem(fixture.octokit.rest.actions.downloadArtifact(call))).toBe(
    '410 Artifact has expired',
  );
});
