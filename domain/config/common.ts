import { z } from 'zod';
import { Cost } from './budget.ts';
import {
  CertificateFingerprint,
  HttpUrl,
  Name,
  ProbeHeaders,
  RepositoryPath,
  StartUp,
  UrlPath,
} from './words.ts';

const SmokePath = z.union([UrlPath, z.string().regex(/^n\/a: \S.*$/)], {
  error:
    'use a path of the same site, such as /healthz, or "n/a: reason" if there is nothing to test',
});

/**
 * The critical paths of the service. Each value is a path, or "n/a: reason" if there is nothing to
 * test.
 */
const Smoke = z.strictObject({ auth: SmokePath, payments: SmokePath, core: SmokePath });

const Watch = z.strictObject({
  onInconclusive: z.enum(['keep', 'rollback']).default('keep'),
  /**
   * Pattern of the access-log lines that count as requests. Without a pattern, errors are counted
   * per second instead of per request.
   */
  accessLog: z.string().optional(),
  /**
   * 'required': the watch passes only with data from this source. 'advisory': the watch may pass
   * without data from this source. Probes are always required.
   */
  sources: z
    .strictObject({
      probes: z.literal('required').optional(),
      'error-log': z.enum(['required', 'advisory']).optional(),
    })
    .optional(),
});

/** Settings of every environment, on any platform. */
export const common = {
  requiredVariables: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'use the name of a variable'))
    .default([]),
  /**
   * A file of the commit, such as .env.example. Every variable in the file is required, in addition
   * to `requiredVariables`.
   */
  variablesFile: RepositoryPath.optional(),
  approvers: z.literal([0, 1, 2]).optional(),
  /**
   * Cost of one deploy. If `budget` is configured, every environment needs a cost. Without `budget`
   * no environment may have a cost.
   */
  cost: Cost.optional(),
  /**
   * The environment in which a commit must succeed before the commit may be deployed in this
   * environment.
   */
  after: Name.optional(),
  /** 'push': Plimsoll starts a deploy when the project's branch moves. */
  deployOn: z.literal('push').optional(),
  /** Minutes between two checks of the branch; default 2. */
  pollMinutes: z.number().int().min(1).max(60).optional(),
  /** 'off': Plimsoll does not check this environment for drift. */
  drift: z.literal('off').optional(),
  /**
   * The time that the service may need to become healthy after its start, such as "5 min"; default
   * 60 s, at most 30 min.
   */
  startUp: StartUp.optional(),
  /**
   * Headers of every probe of this environment, such as Authorization for basic auth. Each value is
   * env:NAME. Probes of `dependencies` do not send these headers.
   */
  headers: ProbeHeaders.optional(),
  /** SHA-256 fingerprints of self-signed certificates that probes accept. */
  certificates: z.array(CertificateFingerprint).min(1).max(20).optional(),
  smoke: Smoke,
  watch: Watch.default({ onInconclusive: 'keep' }),
  /**
   * Addresses of services that this service needs. These addresses are probed before the watch
   * rolls back. If one of them went down after the plan was made, a person decides.
   */
  dependencies: z.array(HttpUrl).max(8).default([]),
};
