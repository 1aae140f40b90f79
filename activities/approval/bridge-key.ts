import { failures } from '../../domain/deploy/failures.ts';
import { namespaces } from '../../domain/deploy/wire.ts';
import type { Config, Decision, SlackApprovals } from '../../domain/config/config.ts';
import { final } from '../lib/fail.ts';
import { signWith } from './signatures/sign.ts';
import { verifySignature } from './signatures/signatures.ts';

type Bridge = Pick<SlackApprovals, 'key' | 'publicKey'>;

const howToMake = (key: string) =>
  `ssh-keygen -t ed25519 -N '' -f ${key}\n` +
  `Then copy the line in ${key}.pub to slack.approvals.publicKey in plimsoll.yaml.`;

/**
 * Signs a decision that came from a click in Slack, with the private key of the Slack bridge.
 * Returns the signature. Throws a final failure of type 'misconfigured' if the key cannot sign.
 */
export const signClick = ({ key }: Pick<Bridge, 'key'>, payload: Decision): Promise<string> =>
  signWith({ key, make: howToMake(key) }, payload, namespaces.slack);

/**
 * Checks that the private key of the Slack bridge matches `slack.approvals.publicKey` and is not
 * revoked. Returns a line of text for people. If the check fails, throws a final failure of type
 * 'misconfigured'. The message of the failure says how to fix the key.
 */
export async function proveBridge({
  slack,
  revoked,
}: Pick<Config, 'slack' | 'revoked'>): Promise<string> {
  const bridge = slack?.approvals;
  if (!bridge) return 'not configured';
  const { key, publicKey } = bridge;
  const payload = { subject: 'a test signature' };
  const namespace = namespaces.slack;
  const signature = await signWith({ key, make: howToMake(key) }, payload, namespace);
  const result = await verifySignature({
    ...{ payload, signature, namespace, revoked },
    keys: [publicKey],
    whose: 'the bridge',
  });
  if (!result.ok) throw final(failures.misconfigured, notOnePair(key, result.why));
  return `the bridge signs with ${key}`;
}

const notOnePair = (key: string, why: string) =>
  `A signature by slack.approvals.key ${key} would be refused: ${why}.\n` +
  `Set slack.approvals.publicKey to the output of: ssh-keygen -y -f ${key}`;
