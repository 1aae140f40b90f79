import { z } from 'zod';
import { redact } from '../../../domain/policy/redact.ts';

/** A value that Northflank adds one day is 'unknown': it is no reason to fail, and never a pass. */
export const oneOf = <const Known extends readonly string[]>(known: Known) =>
  z
    .string()
    .transform((value): Known[number] | 'unknown' => (known.includes(value) ? value : 'unknown'));

/** Epoch milliseconds; null = none that can be read. */
export const isoTime = z
  .string()
  .nullish()
  .transform((text) => {
    const at = text ? Date.parse(text) : NaN;
    return Number.isNaN(at) ? null : at;
  });
/** Northflank gives seconds here; milliseconds are told by their size. */
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
    /** Whether it has ended, and well: told by these two, never by the status. */
    concluded: z.boolean().default(false),
    success: z.boolean().default(false),
    message: orNull.transform((text) => (text === null ? null : redact(text))),
    createdAt: isoTime,
  })
  .transform(({ message: why, ...build }) => ({ ...build, why }));
export type BuildFact = z.infer<typeof Build>;
export const Builds = z.object({ builds: z.array(Build) }).transform(({ builds }) => builds);

/** Northflank also tells the credentials of a protected port: they are dropped here. */
export const Port = z
  .object({
    name: z.string(),
    internalPort: z.number(),
    protocol: oneOf(['HTTP', 'HTTP/2', 'TCP', 'UDP']),
    public: z.boolean(),
    dns: z.string().nullish(),
    domains: z.array(z.object({ name: z.string() })).default([]),
  })
  .transform(({ name, internalPort, protocol, public: open, dns, domains }) => ({
    name,
    port: internalPort,
    protocol,
    public: open,
    hosts: [...(dns ? [dns] : []), ...domains.map((domain) => domain.name)],
  }));
export type PortFact = z.infer<typeof Port>;
export const Ports = z.object({ ports: z.array(Port) }).transform(({ ports }) => ports);

const portNumber = z.coerce.number().int().positive().nullish().catch(null);
const HealthCheck = z
  .object({
    protocol: oneOf(['HTTP', 'CMD', 'TCP']),
    type: oneOf(['livenessProbe', 'readinessProbe', 'startupProbe']),
    path: orNull,
    /** It is written as `port`, and read as one of the other two. */
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

/** The answer carries the values; nothing but the names leaves this line. */
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
/** As the service wrote it: whoever lets it out of this process redacts it first. */
export type LogLine = z.infer<typeof Line>;
/** Newest first, as asked for, or oldest first: lines of one millisecond keep their order. */
const oldestFirst = (lines: LogLine[]) => {
  const ascends = (lines[0]?.at ?? 0) < (lines.at(-1)?.at ?? 0);
  return (ascends ? lines : lines.toReversed()).toSorted((one, other) => one.at - other.at);
};
export const Lines = z.array(Line).transform(oldestFirst);

/** What is thrown away: the answer to a change says nothing that is not read back. */
export const Anything = z.unknown();
