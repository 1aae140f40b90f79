import { describe, expect, test } from 'vitest';
import { refuseSecrets } from '../../../activities/ledger/body-guard.ts';
import { redact } from '../../../domain/lib/redact.ts';
import { kindOfSecret, withoutSecrets } from '../../../domain/lib/secret-shapes.ts';
import { scrub } from '../../../domain/messages/parts/scrub.ts';

const letters = (count: number) => 'aZ3bY9cX1dW7eV5fU2gT8hS4iR6jQ0kP'.repeat(8).slice(0, count);
const hex = (count: number) => '0123456789abcdef'.repeat(16).slice(0, count);
const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = `${base64url({ alg: 'HS256' })}.${base64url({ sub: '12345678' })}.${letters(43)}`;

/** Tokens in the formats of their issuers, made of parts so that no scan finds them here. */
const tokens: [string, string][] = [
  ['a Slack token', ['xoxb', '1234567890', letters(24)].join('-')],
  ['a Slack token', ['xapp', '1', letters(24)].join('-')],
  ['a Slack webhook', `https://hooks.slack.com/${['services', 'T0', 'B0', letters(24)].join('/')}`],
  [
    'a Discord webhook',
    `https://discord.com/api/${['webhooks', '123456789012345678', letters(68)].join('/')}`,
  ],
  ['a GitHub token', ['ghp', letters(36)].join('_')],
  ['a GitHub token', ['github_pat', letters(40)].join('_')],
  ['a GitLab token', ['glpat', letters(20)].join('-')],
  ['an npm token', ['npm', letters(36)].join('_')],
  ['a PyPI token', ['pypi', `AgEIcHlwaS5vcmc${letters(40)}`].join('-')],
  ['a Docker token', ['dckr', 'pat', letters(27)].join('_')],
  ['an AWS key', ['AKIA', 'QWERTYUIOPASDF23'].join('')],
  ['a Google key', ['AIza', letters(35)].join('')],
  ['a payment key', ['sk', 'live', letters(24)].join('_')],
  ['a model provider key', ['sk', 'ant', `api03-${letters(60)}`].join('-')],
  ['a SendGrid key', ['SG', letters(22), letters(43)].join('.')],
  ['a Mailgun key', ['key', hex(32)].join('-')],
  ['a Twilio key', ['SK', hex(32)].join('')],
  ['a Telegram token', ['123456789', `AA${letters(33)}`].join(':')],
  ['a token of a platform', ['vcp', letters(40)].join('_')],
  ['a token of a platform', ['cfut', letters(40)].join('_')],
  ['a token of a platform', ['nf', `eyJhbGciOiJIUzI1NiJ9.${letters(60)}.${letters(43)}`].join('-')],
  ['a token of a platform', ['dop', 'v1', hex(64)].join('_')],
  ['a database token', ['sbp', hex(40)].join('_')],
  ['a Vault token', ['hvs', letters(90)].join('.')],
  ['a Doppler token', ['dp', 'pt', letters(43)].join('.')],
  ['a JSON web token', jwt],
  ['a private key', `-----BEGIN PRIVATE KEY-----\n${letters(64)}\n-----END PRIVATE KEY-----`],
];

describe.each(tokens)('%s', (kind, token) => {
  const secret = token.split('-----').at(2) ?? token.split('://').at(-1) ?? token;

  test('stands in no log line, in no message and not in the ledger', () => {
    const text = `see ${token} there`;
    expect(kindOfSecret(text)).toBe(kind);
    for (const clean of [redact(text), scrub(text), withoutSecrets(text)]) {
      expect(clean).not.toContain(secret);
      expect(clean).toMatch(/^see .* there$/);
    }
    expect(() => refuseSecrets({ text })).toThrow(`looks like ${kind}`);
    expect(() => refuseSecrets({ text: withoutSecrets(text) })).not.toThrow();
  });
});

test('the user and the host of an address stay, the password goes', () => {
  const text = 'postgres://shop:hunter2@db.example/shop refused';
  expect(scrub(text)).toBe('postgres://shop:…@db.example/shop refused');
  expect(withoutSecrets(text)).toBe(
    'postgres://shop:[a password in an address, left out]@db.example/shop refused',
  );
});

test.each([
  'sk-improve-the-checkout-of-large-baskets',
  'nf-compute-100-large-in-europe-west',
  'feature/vcp-new-provider',
  'key-based-authentication-of-agents-in-clusters',
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDeU5dQv/6odhZp9KerCk+fBhsh8rVDLMErtC+dsKEG5 ana',
  '-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQ==\n-----END SSH SIGNATURE-----',
  'd34db33fd34db33fd34db33fd34db33fd34db33f',
  'https://git.example.com:8443/shop.git',
  'npm_config_registry and do_v1_release_notes',
])('%s is no secret', (text) => {
  expect(kindOfSecret(text)).toBeNull();
});
