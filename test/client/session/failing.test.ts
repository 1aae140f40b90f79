import { WorkflowNotFoundError } from '@temporalio/client';
import { expect, test } from 'vitest';
import type { Session } from '../../../client/session/connect.ts';
import { failingDeploys } from '../../../client/session/failing.ts';
import type { RegistryMemo } from '../../../domain/deploy/wire.ts';

/** A server that has no deploy, and that cannot read the workflows of `unreadable`. */
const sessionWithout = (...unreadable: string[]) =>
  ({
    client: {
      workflow: {
        getHandle: (workflowId: string) => ({
          async describe() {
            if (unreadable.includes(workflowId))
              throw new Error('its history is damaged, token=abcdef123');
            throw new WorkflowNotFoundError('no such workflow', workflowId, undefined);
          },
        }),
      },
    },
    within: (call: () => unknown) => call(),
  }) as unknown as Session;
const registry = { projects: { shop: ['production', 'two'] } } as unknown as RegistryMemo;

test('a deploy that cannot be read does not hide the others, and is named without secrets', async () => {
  const session = sessionWithout('deploy/shop/production');
  expect(await failingDeploys(session, registry, undefined)).toEqual({
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
  const session = sessionWithout('deploy/shop/production', 'deploy/shop/two');
  await expect(failingDeploys(session, registry, 'shop')).rejects.toThrow('its history is damaged');
});
