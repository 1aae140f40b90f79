import { z } from 'zod';
import { AbsolutePath, Email, Fingerprint, HttpUrl, PublicKey, Role, SecretRef } from './words.ts';

/** Somebody who may request. */
export const Person = z.strictObject({
  keys: z.array(PublicKey).min(1),
  emails: z.array(Email).default([]),
  github: z.string().optional(),
  slack: z
    .string()
    .regex(/^[UW][A-Z0-9]+$/, 'use the member id, such as U012ABCDEF')
    .optional(),
});

/** Somebody who may approve. */
export const Approver = Person.extend({
  /** What else this person answers for, as a rule may ask: dba, legal. */
  roles: z.array(Role).min(1).max(10).optional(),
});

/** A key that counts no more, by whomever it is still listed. A path: a KRL of ssh-keygen. */
export const Revoked = z.union([Fingerprint, AbsolutePath, PublicKey], {
  error: 'use SHA256:… as ssh-keygen -lf prints it, a line of a .pub file, or the path of a KRL',
});

/** Both are tried; one that answers is enough. */
export const Pager = z
  .strictObject({
    /** Gets a POST: an ntfy topic, or anything that reads text and the header X-Title. */
    webhook: z
      .union([HttpUrl, SecretRef], { error: 'use an http(s):// address, or env:NAME to hide it' })
      .optional(),
    smtp: z
      .strictObject({
        host: z.string().regex(/^[A-Za-z0-9.:-]+$/, 'use the name or address of a mail server'),
        port: z.number().int().min(1).max(65535).default(587),
        /** True: TLS from the first byte (465). False: STARTTLS, required beyond this machine. */
        secure: z.boolean().default(false),
        user: z.string().optional(),
        password: SecretRef.optional(),
        from: Email,
        to: z.array(Email).min(1),
      })
      .optional(),
  })
  .refine(({ webhook, smtp }) => webhook !== undefined || smtp !== undefined, {
    error: 'name at least one way to call a person: webhook or smtp',
  });
