import { randomBytes } from 'node:crypto';
import { namespaces } from '../domain/messages.ts';
import { DeployRequest } from '../domain/schema.ts';
import type { SignedRequest } from '../domain/schema.ts';
import { UserError } from './errors.ts';
import { exitCodes } from './exit-codes.ts';
import { identity } from './identity.ts';
import type { IdentityOptions } from './identity.ts';
import type { Io } from './io.ts';
import { signPayload } from './sign.ts';

export type RequestOptions = IdentityOptions & {
  project: string;
  environment: string;
  ref: string;
  reason: string;
  priority: 'normal' | 'P0';
};

/** The request as its requester signed it. UserError: something in it cannot be, or the key cannot sign. */
export async function signRequest(io: Io, options: RequestOptions): Promise<SignedRequest> {
  const { name, keyPath } = identity(io, options);
  const { project, environment, ref, reason, priority } = options;
  if (ref.startsWith('-')) throw cannotBe('ref', ref, 'it begins with "-"');
  const nonce = randomBytes(16).toString('hex');
  const requestedAt = new Date().toISOString();
  const words = { project, environment, ref, requestedBy: name, reason, priority };
  const parsed = DeployRequest.safeParse({ ...words, nonce, requestedAt });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = String(issue?.path[0]) as keyof typeof words;
    const option = field === 'requestedBy' ? 'name (--as, PLIMSOLL_AS)' : field;
    throw cannotBe(option, words[field], issue?.message ?? 'it is not allowed');
  }
  const namespace = namespaces.request;
  const signature = await signPayload({
    payload: parsed.data,
    keyPath,
    namespace,
    interactive: io.asks,
  });
  return { request: parsed.data, signature };
}

const cannotBe = (what: string, value: string, why: string) =>
  new UserError(
    `The ${what} ${JSON.stringify(value)} cannot be used: ${why}. Nothing was started.`,
    exitCodes.usage,
  );
