import { z } from 'zod';
import { Name } from './words.ts';

const nonce = z.string().regex(/^[0-9a-f]{32}$/);
const runId = z.string().regex(/^[0-9a-f-]{36}$/);
const text = z.string().max(1000);

/** Who gives an order, and until when it is valid. The nonce allows one use. */
const signer = { by: Name, nonce, notAfter: z.iso.datetime() };
const run = { project: Name, environment: Name, runId };

/** An order at the door. Requesters may give it too, because an order carries no approval. */
export const Order = z.discriminatedUnion('order', [
  z.strictObject({
    order: z.literal(['abort', 'rollback', 'retry', 'recover']),
    ...run,
    ...signer,
  }),
  z.strictObject({ order: z.literal('flag'), text, ...run, ...signer }),
  z.strictObject({ order: z.literal('reconcile'), project: Name.optional(), ...signer }),
  z.strictObject({
    order: z.literal('closeIncident'),
    incident: z.string().regex(/^[\w-]{1,100}$/),
    note: text,
    ...signer,
  }),
]);

/**
 * An order and its signature. The signature is an armored SSHSIG over canonicalJson(order), in the
 * namespace plimsoll-order@v1.
 */
export const SignedOrder = z.strictObject({ order: Order, signature: z.string().max(8192) });

/**
 * A login at the door. `url` is the address of the door, so that no other server can use this
 * login.
 */
export const Login = z.strictObject({ url: z.string().max(300), ...signer });

/**
 * A login and its signature. The signature is an armored SSHSIG over canonicalJson(login), in the
 * namespace plimsoll-login@v1.
 */
export const SignedLogin = z.strictObject({ login: Login, signature: z.string().max(8192) });

export type Order = z.infer<typeof Order>;
export type SignedOrder = z.infer<typeof SignedOrder>;
export type Login = z.infer<typeof Login>;
export type SignedLogin = z.infer<typeof SignedLogin>;
