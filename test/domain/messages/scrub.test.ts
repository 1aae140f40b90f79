import { expect, it } from 'vitest';
import { scrub } from '../../../domain/messages/parts/scrub.ts';

it.each([
  ['password=hunter22', 'password=…'],
  ['MY_PASSWD: hunter22', 'MY_PASSWD: …'],
  ['the key: abcd1234', 'the key: …'],
  ['requests: { key: /srv/keys/bot }', 'requests: { key: … }'],
])('%s is cut', (text, cut) => {
  expect(scrub(text)).toBe(cut);
});

it.each([
  '  deploy ALL=(root) NOPASSWD: /usr/bin/systemctl restart shop',
  'token: env:GITHUB_TOKEN',
  'requests: { as: NAME, key: PATH }',
  'sign by key: plimsoll approve shop production',
])('%s stays: it is a remedy', (text) => {
  expect(scrub(text)).toBe(text);
});
