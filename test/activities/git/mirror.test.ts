import { MockActivityEnvironment } from '../../support/activity-environment.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMirror } from '../../../activities/git/mirror.ts';
import type { Mirror } from '../../../activities/git/mirror.ts';
import { runGit } from '../../../activities/git/run.ts';
import { hostAndGit } from './host.ts';

let at: Awaited<ReturnType<typeof hostAndGit>>;
let mirror: Mirror;
let url: string;
let fetches = 0;

beforeAll(async () => {
  at = await hostAndGit({ visibility: 'public' });
  await at.host.createRepository('acme/shop', [{ files: { a: '1' }, message: 'First' }]);
  url = at.host.url('acme/shop');
  mirror = createMirror({
    workspace: at.workspace,
    token: () => undefined,
    run: (args, call) => {
      if (args[0] === 'fetch') fetches += 1;
      return runGit(args, call);
    },
  });
});
afterAll(() => at.close());

test('callers at the same time share one fetch, and a later caller gets another', async () => {
  await Promise.all([mirror.fetched(url), mirror.fetched(url), mirror.fetched(url)]);
  expect(fetches).toBe(1);
  const under = mirror.fetched(url);
  await new Promise((resolve) => setImmediate(resolve));
  await Promise.all([under, mirror.fetched(url)]);
  expect(fetches).toBe(3);
});

test('a failed fetch is not reused by the next caller', async () => {
  const wrong = at.host.url('acme/nothing');
  await expect(mirror.fetched(wrong)).rejects.toThrow('There is no repository at');
  await expect(mirror.fetched(wrong)).rejects.toThrow('There is no repository at');
  await expect(mirror.fetched(url)).resolves.toBeTypeOf('function');
});

test('the cancel of one activity never ends the fetch of another', async () => {
  const [one, other] = [new MockActivityEnvironment(), new MockActivityEnvironment()];
  const cancelled = one.run(() => mirror.fetched(url));
  const going = other.run(() => mirror.fetched(url));
  one.cancel('CANCELLED');
  await expect(cancelled).rejects.toThrow('CANCELLED');
  await expect(going).resolves.toBeTypeOf('function');
});
