import { z } from 'zod';
import type { Seals } from '../../../activities/lib/seals.ts';
import { Name } from '../../../domain/config/words.ts';

/** A login. `key` is the fingerprint of the key that signed it. `until` is in epoch ms. */
const LoginBody = z.strictObject({
  use: z.literal('login'),
  name: Name,
  key: z.string(),
  until: z.number(),
});
/** A started task. Only the person with this name may ask for the end of the task. */
const TicketBody = z.strictObject({
  use: z.literal('ticket'),
  name: Name,
  workflowId: z.string(),
  id: z.string(),
  until: z.number(),
});
const Body = z.discriminatedUnion('use', [LoginBody, TicketBody]);
type Body = z.infer<typeof Body>;
export type LoginBody = z.infer<typeof LoginBody>;
export type TicketBody = z.infer<typeof TicketBody>;

const mostLetters = 2000;

export type Tokens = ReturnType<typeof createTokens>;

/**
 * Makes and reads tokens. A token is its content in base64url, a dot, and the seal of the workers,
 * so only workers can make tokens. Every worker accepts the tokens of the other workers. No worker
 * has to store them.
 */
export function createTokens(seals: Seals, now: () => number = Date.now) {
  const read = (token: string): Body | null => {
    const dot = token.indexOf('.');
    if (dot < 1 || token.length > mostLetters) return null;
    try {
      const body = Body.parse(JSON.parse(Buffer.from(token.slice(0, dot), 'base64url').toString()));
      if (seals.whyInvalid('door', body, token.slice(dot + 1)) !== null) return null;
      return body.until > now() ? body : null;
    } catch {
      return null;
    }
  };
  return {
    issue: (body: Body): string =>
      `${Buffer.from(JSON.stringify(body)).toString('base64url')}.${seals.seal('door', body)}`,
    /** Returns the login. Returns null if no worker made this token, or if the login has ended. */
    login(token: string): LoginBody | null {
      const body = read(token);
      return body?.use === 'login' ? body : null;
    },
    ticket(token: string): TicketBody | null {
      const body = read(token);
      return body?.use === 'ticket' ? body : null;
    },
  };
}
