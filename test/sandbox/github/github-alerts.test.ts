import { afterEach, beforeEach, expect, test } from 'vitest';
import { githubFixture, name, shop } from './github-fixture.ts';
import type { GithubFixture } from './github-fixture.ts';

let fixture: GithubFixture;
beforeEach(async () => {
  fixture = await githubFixture();
});
afterEach(() => fixture.close());

const dependabot = () =>
  fixture.octokit.request('GET /repos/{owner}/{repo}/dependabot/alerts', shop);
const code = () => fixture.octokit.rest.codeScanning.listAlertsForRepo(shop);
const secrets = () => fixture.octokit.rest.secretScanning.listAlertsForRepo(shop);
const problem = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    ({ status, message }: { status: number; message: string }) =>
      `${status} ${message.split(' - http')[0]}`,
  );

test('a plan without scanners says so in three ways', async () => {
  expect([await problem(code()), await problem(dependabot()), await problem(secrets())]).toEqual([
    '403 Advanced Security must be enabled for this repository to use code scanning.',
    '403 Dependabot alerts are disabled for this repository.',
    '404 Secret scanning is disabled on this repository.',
  ]);
});

test('a scanner that never ran is another 404', async () => {
  fixture.github.setAlerts(name, { 'code-scanning': 'never-ran' });
  expect(await problem(code())).toBe('404 no analysis found');
});

test('alerts have the fields that the gate reads', async () => {
  fixture.github.setAlerts(name, {
    'code-scanning': [{ rule: 'js/sql', path: 'src/db.ts', level: 'high' }],
    dependabot: [{ ghsa: 'GHSA-a', severity: 'low', package: 'x', summary: 'bad' }],
    'secret-scanning': [{ type: 'Stripe key' }],
  });
  expect((await code()).data[0]).toMatchObject({
    ...{ number: 1, state: 'open', rule: { security_severity_level: 'high' } },
    most_recent_instance: { location: { path: 'src/db.ts' } },
  });
  expect((await dependabot()).data[0]).toMatchObject({
    ...{ number: 1, security_advisory: { ghsa_id: 'GHSA-a', severity: 'low' } },
    dependency: { package: { name: 'x' } },
  });
  expect((await secrets()).data[0]).toMatchObject({ secret_type_display_name: 'Stripe key' });
});

test('faults: refused, broken, and lying that there is nothing', async () => {
  fixture.github.setAlerts(name, {
    dependabot: [{ ghsa: 'a', severity: 'low', package: 'x', summary: '' }],
  });
  const arm = (kind: '429' | '500-before' | 'lying-status') =>
    fixture.board.arm({ service: 'github', match: 'dependabot', kind, times: 1 });
  arm('429');
  expect(await problem(dependabot())).toMatch(/^403 You have exceeded a secondary rate limit/);
  arm('500-before');
  expect(await problem(dependabot())).toBe('500 Server Error');
  arm('lying-status');
  expect((await dependabot()).data).toEqual([]);
  expect((await dependabot()).data).toHaveLength(1);
});
