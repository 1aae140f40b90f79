import { failures } from '../../domain/failures.ts';
import { namespaces } from '../../domain/messages.ts';
import type { Config, Decision, SlackApprovals } from '../../domain/schema.ts';
import { final } from '../lib/fail.ts';
import { signWith } from '../push/sign.ts';
import { verifySignature } from '../signatures.ts';

type Bridge = Pick<SlackApprovals, 'key' | 'publicKey'>;

const howToMake = (key: string) =>
  `ssh-keygen -t ed25519 -N '' -f ${key}, and set slack.approvals.publicKey to the line of ${key}.pub`;

/** What the bridge saw, signed with its own key. Final misconfigured: the key cannot. */
export const signClick = ({ key }: Pick<Bridge, 'key'>, payload: Decision): Promise<string> =>
  signWith({ key, make: howToMake(key) }, payload, namespaces.slack);

/** Are the two halves of its key one pair, and is it not revoked? Final misconfigured, with the remedy. */
export async function proveBridge({
  slack,
  revoked,
}: Pick<Config, 'slack' | 'revoked'>): Promise<string> {
  const bridge = slack?.approvals;
  if (!bridge) return 'not configured';
  const { key, publicKey } = bridge;
  const payload = { subject: 'a signature on trial' };
  const namespace = namespaces.slack;
  const signature = await signWith({ key, make: howToMake(key) }, payload, namespace);
  const result = await verifySignature({
    ...{ payload, signature, namespace, revoked },
    keys: [publicKey],
    whose: 'slack.approvals.publicKey',
  });
  if (!result.ok) throw final(failures.misconfigured, notOnePair(key, result.why));
  return `the bridge signs with ${key}`;
}

const notOnePair = (key: string, why: string) =>
  `What slack.approvals.key ${key} signs would be refused: ${why}.\n` +
  `Set slack.approvals.publicKey to what this prints: ssh-keygen -y -f ${key}`;
