import { z } from 'zod';
import { isDay } from '../day.ts';
import { isTimeZone } from '../policy/freeze-clock.ts';
import { freezeMoment } from '../policy/freeze.ts';
import { AbsolutePath, Name, RepositoryPath, Role } from './words.ts';

const moment = z
  .string()
  .regex(freezeMoment, 'use a day of the week, "fri 16:00", or a date, "2026-12-24 12:00"')
  .refine((text) => !/^\d/.test(text) || isDay(text.slice(0, 10)), {
    error: 'the calendar has no such day',
  });

const TimeZone = z.string().refine(isTimeZone, {
  error: 'use a name of the time zone database, such as Europe/Berlin',
});

/** No deploy begins in it, or shortly before. */
export const Freeze = z
  .strictObject({
    name: z.string().min(1).max(60),
    from: moment,
    to: moment,
    timeZone: TimeZone,
    environments: z.array(Name).min(1).optional(),
  })
  .refine(({ from, to }) => /^\d/.test(from) === /^\d/.test(to), {
    error: 'from and to are both days of the week, or both dates',
    path: ['to'],
  })
  .refine(({ from, to }) => !/^\d/.test(from) || from < to, {
    error: 'it ends before it begins',
    path: ['to'],
  });

export const Tests = z
  .strictObject({
    /** Beside what rulesets and branch protection require. */
    required: z.array(z.string().min(1)).default([]),
    /** A file in the tree of the SHA, or absent where checks alone decide. */
    junit: z.string().optional(),
    /** Or the name of an artifact that Actions made of the SHA, a zip of *.xml. */
    artifact: z.string().min(1).max(200).optional(),
    critical: z.array(z.string()).default([]),
    minimumTests: z.number().int().min(0).default(0),
  })
  .refine(({ junit, artifact }) => junit === undefined || artifact === undefined, {
    error: 'name junit or artifact, not both',
  });

/** What the secrets gate may overlook: a value that is nobody's secret, or one that was revoked. */
export const Secrets = z.strictObject({
  allow: z
    .array(
      z.strictObject({
        fingerprint: z.string().regex(/^[0-9a-f]{16}$/, 'use the 16 digits that the gate prints'),
        reason: z.string().min(1).max(200),
        /** The last day on which it counts, UTC. */
        until: z.iso.date({ error: 'use a day, such as 2027-01-31' }),
      }),
    )
    .max(100)
    .default([]),
});

const AuditFile = z.union([AbsolutePath, RepositoryPath], {
  error: "use a path inside the repository, or an absolute one on the worker's machine",
});

/** Sources of findings; every one of them must speak. */
export const Audit = z
  .strictObject({
    /** Folders that hold package.json and a lock file; "." = the root. */
    npm: z
      .array(z.union([z.literal('.'), RepositoryPath]))
      .min(1)
      .max(10)
      .optional(),
    pipAudit: z.array(AuditFile).min(1).max(10).optional(),
    reports: z.array(AuditFile).min(1).max(10).optional(),
    sarif: z.array(AuditFile).min(1).max(10).optional(),
    github: z
      .array(z.enum(['code-scanning', 'dependabot', 'secret-scanning']))
      .min(1)
      .max(3)
      .optional(),
    /** Findings at least this bad close the gate. */
    threshold: z.enum(['critical', 'high', 'moderate', 'low']).default('high'),
    /** Of another commit a file counts only while it is this young. */
    maxAgeDays: z.number().int().min(1).max(90).default(7),
  })
  .refine(
    ({ npm, pipAudit, reports, sarif, github }) =>
      [npm, pipAudit, reports, sarif, github].some((one) => one !== undefined),
    { error: 'name at least one source: npm, pipAudit, reports, sarif or github' },
  );

const Pattern = z
  .string()
  .min(1)
  .max(200)
  .regex(/^(?!\/)[^\n]+$/, 'use a path from the root of the repository, "*" being any text');

/** What of the project needs people beside migrations, payment code and secrets. */
export const PathRules = z
  .array(
    z
      .strictObject({
        name: z.string().min(1).max(60),
        paths: z.array(Pattern).min(1).max(20).optional(),
        /** Texts, of which a changed line has one. */
        content: z.array(z.string().min(2).max(100)).min(1).max(20).optional(),
        approvers: z.literal([1, 2]).default(2),
        /** One of them must have it, under `approvers`. */
        role: Role.optional(),
      })
      .refine(({ paths, content }) => paths !== undefined || content !== undefined, {
        error: 'name what it is about: paths, content, or both',
      }),
  )
  .max(20);

/** Who must be among those who approve migrations, payment code and secrets. */
export const KindRoles = z.strictObject({
  migrations: Role.optional(),
  payments: Role.optional(),
  secrets: Role.optional(),
});
