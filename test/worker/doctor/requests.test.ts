import { expect, test } from 'vitest';
import { requests } from '../../../worker/doctor/requests.ts';
import { makeKey } from '../../support/keys.ts';
import { configOf } from './doctor-fixture.ts';

const agent = makeKey();
const look = (key: string) =>
  requests(
    configOf({
      top: { requesters: { agent: { keys: [agent.publicKey] } }, requests: { as: 'agent', key } },
    }),
  );

test('a key that signs requests for pushes is tried', async () => {
  expect(await Promise.all(look(agent.path))).toEqual([
    { check: 'requests', state: 'ok', text: `agent signs with ${agent.path}` },
  ]);
});

test('one that cannot is a problem with its remedy', async () => {
  const [finding] = await Promise.all(look('/nowhere/key'));
  expect(finding).toEqual({
    check: 'requests',
    state: 'problem',
    text: `The worker cannot sign with /nowhere/key, because there is no such file.
Make the key with: ssh-keygen -t ed25519 -N '' -f /nowhere/key
Then list the line in /nowhere/key.pub under requesters.agent.keys in plimsoll.yaml.`,
  });
});

test('nothing is checked where no requester for pushes is configured', () => {
  expect(requests(configOf())).toEqual([]);
});
