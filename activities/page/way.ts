import type { Page } from '../../domain/contract/activities.ts';

/**
 * A channel that pages a person. `send` throws a transient failure, a failure of type
 * 'unknownOutcome', or a final failure of type 'misconfigured'. The message of the failure never
 * contains a secret or the address of the webhook.
 */
export type Way = { name: 'webhook' | 'smtp'; send(call: Call): Promise<void> };
/** The page to send. It contains no secrets, and is short enough for a phone. */
export type Call = Pick<Page, 'title' | 'text' | 'priority'> & { key: string };
