import { z } from 'zod';
import { AbsolutePath, HttpUrl, ListenAddress, Name, PublicKey, SecretRef } from './words.ts';

const Timestamp = z.string().regex(/^\d{10}\.\d{6}$/);

/** Who clicked what, where and when, as Slack told it. */
export const SlackClick = z.strictObject({
  user: z.string().regex(/^[UW][A-Z0-9]{1,20}$/),
  team: z.string().regex(/^[TE][A-Z0-9]{1,20}$/),
  channel: z.string().regex(/^[CDG][A-Z0-9]{1,20}$/),
  message: Timestamp,
  action: Timestamp,
});

/** What a button of ours carries. */
export const SlackButton = z.strictObject({
  deployId: z.string().regex(/^[\w-]{1,64}$/),
  project: Name,
  environment: Name,
  digest: z.string().regex(/^[0-9a-f]{64}$/),
});

/** A click on the button of a request decides; the worker signs what it saw with a key of its own. */
export const SlackApprovals = z
  .strictObject({
    team: z.string().regex(/^[TE][A-Z0-9]+$/, 'use the id of the workspace, such as T012ABCDEF'),
    /** The bridge's private key, on the worker's machine; nobody's who may approve or request. */
    key: AbsolutePath,
    publicKey: PublicKey,
    /** Socket Mode. */
    appToken: SecretRef.optional(),
    /** Signed requests: `POST /slack` at this address. */
    http: z.strictObject({ listen: ListenAddress, signingSecret: SecretRef }).optional(),
    /** 'one': where one approval is needed. 'all': everywhere. 'never': a click only rejects. */
    suffices: z.enum(['one', 'all', 'never']).default('one'),
  })
  .refine(({ appToken, http }) => appToken !== undefined || http !== undefined, {
    error: 'name how clicks arrive: appToken (Socket Mode) or http (signed requests)',
  });

export const Slack = z.strictObject({
  api: HttpUrl.default('https://slack.com/api/'),
  token: SecretRef,
  deployments: z.string().default('#deployments'),
  incidents: z.string().default('#incidents'),
  approvals: SlackApprovals.optional(),
});
