import { z } from 'zod';
import { AbsolutePath, HttpUrl, ListenAddress, Name, PublicKey, SecretRef } from './words.ts';

const Timestamp = z.string().regex(/^\d{10}\.\d{6}$/);

/**
 * A click as Slack reported it. It contains the ids of the member, the workspace and the channel,
 * and the times of the message and of the click.
 */
export const SlackClick = z.strictObject({
  user: z.string().regex(/^[UW][A-Z0-9]{1,20}$/),
  team: z.string().regex(/^[TE][A-Z0-9]{1,20}$/),
  channel: z.string().regex(/^[CDG][A-Z0-9]{1,20}$/),
  message: Timestamp,
  action: Timestamp,
});

/** The value of a button that Plimsoll posted. */
export const SlackButton = z.strictObject({
  deployId: z.string().regex(/^[\w-]{1,64}$/),
  project: Name,
  environment: Name,
  digest: z.string().regex(/^[0-9a-f]{64}$/),
});

/**
 * Approvals by a click on a button in Slack. The worker's Slack bridge signs each click with the
 * bridge's own key.
 */
const SlackApprovals = z
  .strictObject({
    team: z.string().regex(/^[TE][A-Z0-9]+$/, 'use the id of the workspace, such as T012ABCDEF'),
    /**
     * Path of the bridge's private key, on the worker's machine. The key must not belong to an
     * approver or a requester.
     */
    key: AbsolutePath,
    publicKey: PublicKey,
    /** The app token, if clicks arrive by Socket Mode. */
    appToken: SecretRef.optional(),
    /** Set if clicks arrive as signed requests: `POST /slack` at this address. */
    http: z.strictObject({ listen: ListenAddress, signingSecret: SecretRef }).optional(),
    /**
     * 'one': a click counts, but if a plan needs several approvals, at least one of them must be a
     * signature by key. 'all': clicks are always enough. 'never': a click can only reject.
     */
    suffices: z.enum(['one', 'all', 'never']).default('one'),
  })
  .refine(({ appToken, http }) => appToken !== undefined || http !== undefined, {
    error: 'set appToken (clicks by Socket Mode) or http (clicks by signed requests)',
  });

export const Slack = z.strictObject({
  api: HttpUrl.default('https://slack.com/api/'),
  token: SecretRef,
  deployments: z.string().default('#deployments'),
  incidents: z.string().default('#incidents'),
  approvals: SlackApprovals.optional(),
});
