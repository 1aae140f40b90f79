import { z } from 'zod';
import { isDay } from '../lib/day.ts';
import { matches } from '../lib/glob.ts';
import { isTimeZone } from './freeze-clock.ts';
import { freezeMoment } from './freeze-clock.ts';
import { AbsolutePath, Name, Reason, RepositoryPath, Role } from './words.ts';

const moment = z
  .string()
  .regex(
    freezeMoment,
    'use a day of the week with a time, such as "fri 16:00", or a date with a time, such as ' +
      '"2026-12-24 12:00"',
  )
  .refine((text) => !/^\d/.test(text) || isDay(text.slice(0, 10)), {
    error: 'the calendar has no such day',
  });

const TimeZone = z.string().refine(isTimeZone, {
  error: 'use a name of the time zone database, such as Europe/Berlin',
});

/**
 * A freeze window. No deploy begins in the window. A deploy also does not begin if it might still
 * run when the window starts.
 */
export const Freeze = z
  .strictObject({
    name: z.string().min(1).max(60),
    from: moment,
    to: moment,
    timeZone: TimeZone,
    environments: z.array(Name).min(1).optional(),
  })
  .refine(({ from, to }) => /^\d/.test(from) === /^\d/.test(to), {
    error: 'from and to must both be days of the week, or both be dates',
    path: ['to'],
  })
  .refine(({ from, to }) => !/^\d/.test(from) || from < to, {
    error: 'the freeze window must end after it begins',
    path: ['to'],
  });

/**
 * The largest `waitMinutes`. The activity of a gate may take 20 minutes. Of these, 5 minutes are
 * reserved for outages of GitHub.
 */
export const mostWaitMinutes = 15;

const JobKey = z
  .string()
  .regex(/^[A-Za-z_][\w-]{0,99}$/, 'use the key of a job, as in the file of the workflow');

const isIgnored = (name: string, ignore: { check: string }[]) =>
  ignore.some(({ check }) => matches(check, name));

const Tests = z
  .strictObject({
    /**
     * Names of checks that must pass. Rulesets and branch protection can require further checks.
     */
    required: z.array(z.string().min(1)).default([]),
    /** Path of a JUnit report in the commit. Absent: only checks decide. */
    junit: z
      .string()
      .regex(/^[^*?[\]]+$/, 'use the path of one file, without "*" or "?"')
      .optional(),
    /**
     * Name of an artifact that GitHub Actions made for the commit: a zip of *.xml. Use it instead
     * of `junit`.
     */
    artifact: z.string().min(1).max(200).optional(),
    critical: z.array(z.string()).default([]),
    minimumTests: z.number().int().min(0).default(0),
    /**
     * Checks that may fail without closing the gate. A required check always counts. Every plan
     * shows these entries.
     */
    ignore: z
      .array(
        z.strictObject({
          /** The name of a check run or of a status; "*" stands for any text. */
          check: z.string().min(1).max(200),
          reason: Reason.max(200),
        }),
      )
      .max(50)
      .optional(),
    /**
     * The jobs of GitHub Actions that run `plimsoll deploy`. For each job, the key is the key of
     * the job in the file of the workflow, and the value is the name of its check. The check of the
     * job that requested a deploy does not count for this deploy, unless the check is required.
     */
    deployJobs: z.record(JobKey, z.string().min(1).max(200)).optional(),
    /** Minutes for which a deploy waits for required checks to finish; default: 15. */
    waitMinutes: z.number().int().min(0).max(mostWaitMinutes).optional(),
  })
  .refine(({ required, ignore = [] }) => !required.some((name) => isIgnored(name, ignore)), {
    error: 'a check under "required" cannot be ignored as well',
    path: ['ignore'],
  })
  .refine(({ junit, artifact }) => junit === undefined || artifact === undefined, {
    error: 'name junit or artifact, not both',
  });

/**
 * Findings that the secrets gate ignores. Such a finding is either no secret, or a secret that was
 * revoked.
 */
const Secrets = z.strictObject({
  allow: z
    .array(
      z.strictObject({
        fingerprint: z.string().regex(/^[0-9a-f]{16}$/, 'use the 16 digits that the gate prints'),
        reason: z.string().min(1).max(200),
        /** The last day on which the exception counts (UTC). */
        until: z.iso.date({ error: 'use a day, such as 2027-01-31' }),
      }),
    )
    .max(100)
    .default([]),
});

const AuditFile = z.union([AbsolutePath, RepositoryPath], {
  error: "use a path inside the repository, or an absolute path on the worker's machine",
});

/** The sources of findings that the audit gate reads. Every source must answer. */
const Audit = z
  .strictObject({
    /** Folders that contain package.json and a lock file; "." = the root. */
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
    /** Findings of this severity or worse close the gate. */
    threshold: z.enum(['critical', 'high', 'moderate', 'low']).default('high'),
    /** A report about another commit counts only if it is at most this many days old. */
    maxAgeDays: z.number().int().min(1).max(90).default(7),
  })
  .refine(
    ({ npm, pipAudit, reports, sarif, github }) =>
      [npm, pipAudit, reports, sarif, github].some((one) => one !== undefined),
    { error: 'name at least one source: npm, pipAudit, reports, sarif or github' },
  );

/** The gates that a project can configure. Each key is the name of a gate. */
export const projectGates = {
  tests: Tests,
  secrets: Secrets.optional(),
  audit: Audit.optional(),
};

const Pattern = z
  .string()
  .min(1)
  .max(200)
  .regex(
    /^(?!\/)[^\n]+$/,
    'use a path from the root of the repository, in which "*" stands for any text',
  );

/**
 * Rules for files whose changes need approvers. Migrations, payment code and secrets always need
 * approvers, without a rule.
 */
export const PathRules = z
  .array(
    z
      .strictObject({
        name: z.string().min(1).max(60),
        paths: z.array(Pattern).min(1).max(20).optional(),
        /** Changed lines with one of these texts also need the approvers of this rule. */
        content: z.array(z.string().min(2).max(100)).min(1).max(20).optional(),
        approvers: z.literal([1, 2]).default(2),
        /** One of the approvers must have this role, set under `approvers`. */
        role: Role.optional(),
      })
      .refine(({ paths, content }) => paths !== undefined || content !== undefined, {
        error: 'name paths, content, or both',
      }),
  )
  .max(20);

/**
 * The role that one of the approvers must have, for changes to migrations, payment code and
 * secrets.
 */
export const KindRoles = z.strictObject({
  migrations: Role.optional(),
  payments: Role.optional(),
  secrets: Role.optional(),
});
