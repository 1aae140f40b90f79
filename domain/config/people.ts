import { z } from 'zod';
import {
  AbsolutePath,
  CommitEmail,
  Email,
  Fingerprint,
  HttpUrl,
  Name,
  PublicKey,
  Role,
  SecretRef,
} from './words.ts';

/** The account of a GitHub App, such as dependabot[bot]. */
const botLogin = /^[A-Za-z0-9][A-Za-z0-9-]{0,60}\[bot\]$/;

export const Bot = z.union([CommitEmail, z.string().regex(botLogin)], {
  error: 'use the email address of a bot, or the account of a GitHub App such as dependabot[bot]',
});

/** Names of projects. A person with this key has rights in these projects only. */
const Projects = z.array(Name).min(1).max(200);

/** A person who may request deploys. */
export const Person = z.strictObject({
  keys: z.array(PublicKey).min(1),
  emails: z.array(CommitEmail).default([]),
  github: z.string().optional(),
  slack: z
    .string()
    .regex(/^[UW][A-Z0-9]+$/, 'use the member id, such as U012ABCDEF')
    .optional(),
  /**
   * The projects that this person may read through the door, deploy and approve. Absent: every
   * project, and also what belongs to all projects, such as a stop of the line.
   */
  projects: Projects.optional(),
});

/** A person who may approve deploys. */
const Approver = Person.extend({
  /** Roles of the person that a rule may require, such as dba or legal. */
  roles: z.array(Role).min(1).max(10).optional(),
});

const mostApprovers = 200;

export const Approvers = z
  .record(Name, Approver)
  .refine((people) => Object.keys(people).length <= mostApprovers, {
    error: `at most ${mostApprovers} people may approve: remove people who no longer approve`,
  });

/**
 * A revoked key. Its signatures do not count, even if a person still lists the key. A path names a
 * KRL (key revocation list) of ssh-keygen.
 */
export const Revoked = z.union([Fingerprint, AbsolutePath, PublicKey], {
  error:
    'use a fingerprint (SHA256:…), a line of a .pub file, or the path of a key revocation list',
});

/**
 * The channels that page a person. Plimsoll sends every page over both channels. One accepted page
 * is enough.
 */
export const Pager = z
  .strictObject({
    /**
     * An address that receives a POST: an ntfy topic, or a service that reads the text and the
     * header X-Title.
     */
    webhook: z
      .union([HttpUrl, SecretRef], { error: 'use an http(s):// address, or env:NAME to hide it' })
      .optional(),
    smtp: z
      .strictObject({
        host: z.string().regex(/^[A-Za-z0-9.:-]+$/, 'use the name or address of a mail server'),
        port: z.number().int().min(1).max(65535).default(587),
        /**
         * true: TLS from the first byte (port 465). false: STARTTLS, which is required if the mail
         * server is on another machine.
         */
        secure: z.boolean().default(false),
        user: z.string().optional(),
        password: SecretRef.optional(),
        from: Email,
        to: z.array(Email).min(1),
      })
      .optional(),
  })
  .refine(({ webhook, smtp }) => webhook !== undefined || smtp !== undefined, {
    error: 'name at least one way to page a person: webhook or smtp',
  });
