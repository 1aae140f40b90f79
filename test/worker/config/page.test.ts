import { expect, test } from 'vitest';
import { parseConfig } from '../../../worker/config/config.ts';
import { endpoints } from '../../../worker/config/endpoints.ts';
import { pageWarning } from '../../../worker/page-warning.ts';

const yaml = (page: string, top = '') => `${top}${page}
approvers:
  ana:
    keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDeU5dQv/6odhZp9KerCk+fBhsh8rVDLMErtC+dsKEG5]
  ben:
    keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA8VUVF/dkqAj5CQztdTpVLZKrsqAj3BVejjSYHuYvdZ]
projects: {}
`;
const refusal = (page: string, top = ''): string => {
  try {
    parseConfig(yaml(page, top), 'plimsoll.yaml');
    return 'it was accepted';
  } catch (error) {
    return (error as Error).message;
  }
};

test('a page needs at least one way', () => {
  expect(refusal('page: {}')).toContain('Name at least one way to page a person: webhook or smtp');
});

test('a webhook is an address or hidden in the environment', () => {
  expect(refusal('page: { webhook: ntfy.sh/topic }')).toContain(
    'Use an http(s):// address, or env:NAME to hide it',
  );
});

test('user and password of the mail server belong together', () => {
  const smtp = 'host: mail.example.com, from: a@example.com, to: [b@example.com], user: u';
  expect(refusal(`page: { smtp: { ${smtp} } }`)).toContain(
    'user and password belong together.\n  Give both. If the server asks for no password, remove both.',
  );
});

test('a sandbox shows where it pages', () => {
  expect(refusal('page: { webhook: env:PAGE_WEBHOOK }', 'sandbox: true\n')).toContain(
    'sandbox: true is allowed only if every address is loopback, and an address in a variable cannot be checked.',
  );
  expect(refusal('page: { webhook: http://203.0.113.9/x }', 'sandbox: true\n')).toContain(
    'sandbox: true is allowed only if every address is loopback',
  );
});

test('both ways are endpoints of the worker', () => {
  const smtp = 'smtp: { host: mail.example.com, from: a@example.com, to: [b@example.com] }';
  const config = parseConfig(yaml(`page: { webhook: https://ntfy.sh/t, ${smtp} }`), 'p.yaml');
  expect(endpoints(config).map(({ host }) => host)).toEqual(['ntfy.sh', 'mail.example.com']);
  expect(pageWarning(config)).toBeNull();
});

test('a worker that can page nobody says so', () => {
  expect(pageWarning(parseConfig(yaml(''), 'p.yaml'))).toBe(
    'NOBODY CAN BE PAGED: a stuck deploy or a failed rollback wakes nobody.\n' +
      'Add page: with a webhook (such as an ntfy topic) or smtp to plimsoll.yaml, and start the worker again.',
  );
});
