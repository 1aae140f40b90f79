import { expect, test } from 'vitest';
import { gitToken } from '../../../activities/git/token.ts';

const at = (api: string) =>
  gitToken({ config: { github: { api, token: 'env:T' } }, secret: (ref) => `value of ${ref}` });

test.each([
  ['https://api.github.com', 'https://github.com/acme/shop.git', true],
  ['https://ghe.example/api/v3', 'https://ghe.example/acme/shop', true],
  ['http://127.0.0.1:4000', 'http://127.0.0.1:5000/acme/shop.git', true],
  ['https://api.github.com', 'https://github.com.evil.example/acme/shop.git', false],
  ['https://api.github.com', 'https://gitlab.com/acme/shop.git', false],
  ['https://api.github.com', 'http://github.com/acme/shop.git', false],
  ['https://api.github.com', 'git@github.com:acme/shop.git', false],
])('the token of %s goes to %s: %s', (api, repository, goes) =>
  expect(at(api)(repository)).toBe(goes ? 'value of env:T' : undefined),
);

test('there is none without GitHub', () => {
  const none = gitToken({ config: {}, secret: () => 'x' });
  expect(none('https://github.com/acme/shop.git')).toBe(undefined);
});
