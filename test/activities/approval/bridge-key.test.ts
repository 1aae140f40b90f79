import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { proveBridge } from '../../../activities/approval/bridge-key.ts';
import { makeKey } from '../../support/keys.ts';

const [own, other] = [makeKey(), makeKey()];
const configOf = (key: string, publicKey: string, revoked: string[] = []) => ({
  slack: {
    ...{ api: 'http://127.0.0.1/api/', token: 'env:T', deployments: '#d', incidents: '#i' },
    approvals: { team: 'T0TEAM', key, publicKey, appToken: 'env:A', suffices: 'one' as const },
  },
  revoked,
});
const mend = (key: string) =>
  `Set slack.approvals.publicKey to the output of: ssh-keygen -y -f ${key}`;

test('the two halves are one pair', async () => {
  expect(await proveBridge(configOf(own.path, own.publicKey))).toBe(
    `the bridge signs with ${own.path}`,
  );
  expect(await proveBridge({ slack: undefined, revoked: [] })).toBe('not configured');
});

test('another half is refused before any click', async () => {
  await expect(proveBridge(configOf(own.path, other.publicKey))).rejects.toMatchObject({
    nonRetryable: true,
    message:
      `A signature by slack.approvals.key ${own.path} would be refused: ` +
      'it was made with a key that is not configured for the bridge.\n' +
      mend(own.path),
  });
});

test('so is one that was revoked, and one that is not there', async () => {
  await expect(
    proveBridge(configOf(own.path, own.publicKey, [own.publicKey])),
  ).rejects.toMatchObject({ message: expect.stringMatching(/ is revoked\.\n/) });
  const gone = makeKey();
  rmSync(gone.path);
  rmSync(`${gone.path}.pub`);
  await expect(proveBridge(configOf(gone.path, gone.publicKey))).rejects.toMatchObject({
    message:
      `The worker cannot sign with ${gone.path}, because there is no such file.\n` +
      `Make the key with: ssh-keygen -t ed25519 -N '' -f ${gone.path}\n` +
      `Then copy the line in ${gone.path}.pub to slack.approvals.publicKey in plimsoll.yaml.`,
  });
});
