import { expect, test } from 'vitest';
import type { Session } from '../../../client/session/connect.ts';
import { failingDeploys } from '../../../client/session/failing.ts';
import type { RegistryMemo } from '../../../domain/deploy/wire.ts';

/** A server that has no deploy, and that cannot read the deploys of `unreadable`. */
const sessionWithout = (...unreadable: string[]) =>
  ({
    async deploy({ environment }: { environment: string }) {
      if (unreadable.includes(environment))
        throw new Error('its history is damaged, token=abcdef123');
      return null;
    },
  }) as unknown as Session;
const registry = { projects: { shop: ['production', 'two'] } } as unknown as RegistryMemo;

test('a deploy that cannot be read does not hide the others, and is named without secrets', async () => {
  expect(await failingDeploys(sessionWithout('production'), registry, undefined)).toEqual({
    failing: [],
    unread: [
      {
        place: { project: 'shop', environment: 'production' },
        why: 'its history is damaged, token=…',
      },
    ],
  });
});

test('if no deploy can be read, the search fails', async () => {
  const session = sessionWithout('production', 'two');
  await expect(failingDeploys(session, registry, 'shop')).rejects.toThrow('its history is damaged');
});
