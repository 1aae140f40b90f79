import { expect, it } from 'vitest';
import { gitToken } from '../../../activities/git/token.ts';
import { remoteEndpoints } from '../../../worker/config/endpoints.ts';
import { parseConfig } from '../../../worker/config/config.ts';
import { configText } from '../doctor/doctor-fixture.ts';

const parse = (anchor: unknown, top: object = {}) =>
  parseConfig(configText({ top: { ...top, anchor } }), 'plimsoll.yaml');
const git = 'https://github.com/acme/audit.git';

it('is off, a repository or a channel', () => {
  expect(parse('off').anchor).toBe('off');
  expect(parse({ git }, { sandbox: false, authorship: 'git' }).anchor).toEqual({ git });
  const slack = { token: 'env:SLACK_TOKEN' };
  const anchor = { slack: '#ledger' };
  expect(parse(anchor, { sandbox: false, authorship: 'git', slack }).anchor).toEqual(anchor);
  for (const wrong of ['git', { git: '--upload-pack=x' }, { git, slack: '#a' }, { slack: '' }])
    expect(() => parse(wrong)).toThrow('anchor');
});

it('in Slack needs the key slack', () => {
  expect(() => parse({ slack: '#ledger' })).toThrow(
    'anchor.slack\n  The file has no key "slack", so the workers have no token to post there.\n' +
      '  Add slack: with its token, or keep the anchors in git: anchor: { git: URL }',
  );
});

it('of a sandbox is on this machine, and an address has no password', () => {
  expect(() => parse({ git }, { sandbox: true })).toThrow('sandbox: true is allowed only if');
  const withPassword = { git: 'https://user:pass@github.com/acme/audit.git' };
  expect(() => parse(withPassword, { sandbox: false, authorship: 'git' })).toThrow(
    'contains a user name or password',
  );
  expect(remoteEndpoints(parse({ git }, { sandbox: false, authorship: 'git' }))).toContain(git);
});

it('gets the token of GitHub, and no other repository does', () => {
  const github = { api: 'https://api.github.com', token: 'env:T' };
  const token = gitToken({
    config: { github, projects: {}, anchor: { git } },
    secret: () => 'the token',
  });
  expect(token(git)).toBe('the token');
  expect(token('https://github.com/acme/other.git')).toBe(undefined);
});
