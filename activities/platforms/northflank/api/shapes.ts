import { z } from 'zod';
import { redact } from '../../../../domain/lib/redact.ts';

/**
 * Makes a schema for a word from the list `known`. Any other word becomes 'unknown', because
 * Northflank may add words. Code must never treat 'unknown' as a good state.
 */
export const oneOf = <const Known extends readonly string[]>(known: Known) =>
  z
    .string()
    .transform((value): Known[number] | 'unknown' => (known.includes(value) ? value : 'unknown'));

/**
 * Converts an ISO time to epoch milliseconds. null means that the time is missing or cannot be
 * read.
 */
export const isoTime = z
  .string()
  .nullish()
  .transform((text) => {
    const at = text ? Date.parse(text) : NaN;
    return Number.isNaN(at) ? null : at;
  });
/**
 * Converts a time in epoch seconds to epoch milliseconds. A number that is too large for seconds is
 * already in milliseconds.
 */
const seconds = z.number().transform((value) => (value < 1e11 ? value * 1000 : value));

export const orNull = z
  .string()
  .nullish()
  .transform((text) => text ?? null);

export const buildStatus = oneOf([
  'QUEUED',
  'PENDING',
  'UNSCHEDULABLE',
  'STARTING',
  'CLONING',
  'BUILDING',
  'UPLOADING',
  'IN_PROGRESS',
  'ABORTED',
  'FAILURE',
  'SUBMISSION_FAILURE',
  'CRASHED',
  'SUCCESS',
]);

export const Build = z
  .object({
    id: z.string().min(1),
    branch: orNull,
    sha: orNull,
    status: buildStatus.default('unknown'),
    /**
     * `concluded` is true if the build has ended. `success` is true if the build succeeded.
     * `status` alone proves neither the end nor the success.
     */
    concluded: z.boolean().default(false),
    success: z.boolean().default(false),
    message: orNull.transform((text) => (text === null ? null : redact(text))),
    createdAt: isoTime,
  })
  .transform(({ message: why, ...build }) => ({ ...build, why }));
export type BuildFact = z.infer<typeof Build>;
export const Builds = z.object({ builds: z.array(Build) }).transform(({ builds }) => builds);

/**
 * A port of a service. Northflank also returns the credentials of a protected port. This schema
 * drops the credentials.
 */
export const Port = z
  .object({
    name: z.string(),
    internalPort: z.number(),
    protocol: oneOf(['HTTP', 'HTTP/2', 'TCP', 'UDP']).default('unknown'),
    public: z.boolean().default(false),
    dns: z.string().nullish(),
    /** In newer answers a domain is a text, in older answers an object. */
    domains: z.array(z.union([z.string(), z.object({ name: z.string() })])).default([]),
  })
  .transform(({ name, internalPort, protocol, public: open, dns, domains }) => ({
    name,
    port: internalPort,
    protocol,
    public: open,
    hosts: [
      ...(dns ? [dns] : []),
      ...domains.map((domain) => (typeof domain === 'string' ? domain : domain.name)),
    ],
  }));
export type PortFact = z.infer<typeof Port>;

const portNumber = z.coerce.number().int().positive().nullish().catch(null);
export const HealthCheck = z
  .object({
    protocol: oneOf(['HTTP', 'CMD', 'TCP']),
    type: oneOf(['livenessProbe', 'readinessProbe', 'startupProbe']),
    path: orNull,
    /** A request contains `port`. An answer contains `httpPort` or `tcpSocketPort` instead. */
    port: portNumber,
    httpPort: portNumber,
    tcpSocketPort: portNumber,
  })
  .transform(({ protocol, type, path, ...ports }) => ({
    protocol,
    type,
    path,
    port: ports.httpPort ?? ports.tcpSocketPort ?? ports.port ?? null,
  }));
export type HealthCheckFact = z.infer<typeof HealthCheck>;
export const HealthChecks = z
  .object({ healthChecks: z.array(HealthCheck) })
  .transform(({ healthChecks }) => healthChecks);

const Container = z.object({
  name: z.string(),
  status: oneOf([
    'TASK_RUNNING',
    'TASK_STARTING',
    'TASK_STAGING',
    'TASK_KILLING',
    'TASK_KILLED',
    'TASK_FAILED',
    'TASK_FINISHED',
  ]),
  createdAt: seconds,
});
export type ContainerFact = z.infer<typeof Container>;
export const Containers = z
  .object({ containers: z.array(Container).nullish() })
  .transform(({ containers }) => containers ?? []);

/**
 * A gradual rollout. While it is not `promoted`, the newer release gets only a share of the
 * traffic.
 */
export const GradualRollout = z
  .object({
    promoted: z.boolean(),
    options: z.object({ blockDeploymentOnActiveRollout: z.boolean().nullish() }).nullish(),
    details: z
      .object({ config: z.object({ canaryPercentage: z.number().nullish() }).nullish() })
      .nullish(),
  })
  .transform(({ promoted, options, details }) => ({
    promoted,
    /**
     * The percentage of the traffic for the newer release. null means that request headers choose
     * the release.
     */
    percent: details?.config?.canaryPercentage ?? null,
    /** True if Northflank accepts no new deploy until the rollout ends. */
    blocks: options?.blockDeploymentOnActiveRollout === true,
  }));
export type GradualRolloutFact = z.infer<typeof GradualRollout>;

/**
 * The ids of the token's permissions in projects. null means that Northflank does not show them.
 */
export const Auth = z
  .object({ permissions: z.object({ projectScope: z.array(z.string()).nullish() }).nullish() })
  .transform(({ permissions }) => permissions?.projectScope ?? null);

/**
 * The names of the variables. The answer also contains the values. This schema drops the values.
 */
export const VariableNames = z
  .object({ runtimeEnvironment: z.record(z.string(), z.unknown()) })
  .transform(({ runtimeEnvironment }) => Object.keys(runtimeEnvironment).toSorted());

const Line = z
  .object({ containerId: z.string(), log: z.unknown(), ts: z.coerce.date() })
  .transform(({ containerId, log, ts }) => ({
    container: containerId,
    text: typeof log === 'string' ? log : JSON.stringify(log ?? ''),
    at: ts.getTime(),
  }));
/**
 * A log line exactly as the service wrote it. Remove secrets before the line leaves the process.
 */
export type LogLine = z.infer<typeof Line>;
/**
 * Sorts lines, oldest first. Northflank returns lines either oldest first or newest first. Lines of
 * the same millisecond keep the order in which the service wrote them.
 */
const oldestFirst = (lines: LogLine[]) => {
  const ascends = (lines[0]?.at ?? 0) < (lines.at(-1)?.at ?? 0);
  return (ascends ? lines : lines.toReversed()).toSorted((one, other) => one.at - other.at);
};
export const Lines = z.array(Line).transform(oldestFirst);

/**
 * The schema for the answer to a change. Plimsoll ignores the content, because only a later read
 * proves the change.
 */
export const Anything = z.unknown();
