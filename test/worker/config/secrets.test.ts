import { expect, it } from 'vitest';
import { Config } from '../../../domain/config/config.ts';
import { secret, secretRefs } from '../../../worker/config/secrets.ts';

it('a secret is the value of its variable', () => {
  expect(secret('env:GITHUB_TOKEN', { GITHUB_TOKEN: 'value' })).toBe('value');
});

it.each([{}, { GITHUB_TOKEN: '' }, { GITHUB_TOKEN: ' ' }])('a missing one is final: %j', (env) => {
  expect(() => secret('env:GITHUB_TOKEN', env)).toThrow(
    expect.objectContaining({
      type: 'Misconfigured',
      nonRetryable: true,
      message: `The worker's environment has no GITHUB_TOKEN, which the configuration reads as "env:GITHUB_TOKEN".
Set GITHUB_TOKEN where the worker is started, and start the worker again.`,
    }),
  );
});

it('the token of the summary of costs is read at the start', () => {
  const summary = { url: 'https://costs.example/', token: 'env:COSTS_TOKEN' };
  const config = Config.parse({ approvers: {}, projects: {}, budget: { summary } });
  expect(secretRefs(config)).toEqual(['env:COSTS_TOKEN']);
});
