import type { Client } from '@temporalio/client';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { plimsoll } from '../../domain/deploy/wire.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { TimeLimits } from '../io.ts';

export type Target = { connection: NativeConnectionOptions; namespace: string; address: string };
export type Session = {
  client: Client;
  namespace: string;
  address: string;
  /** Calls the server and gives up after `ms` (default 10 s). */
  within: <T>(call: () => Promise<T>, ms?: number) => Promise<T>;
  timeLimits: TimeLimits;
};

const defaultAddress = 'localhost:7233';

/**
 * Reads the address of the server and the namespace from the environment and the profile, like the
 * temporal command. Throws a UserError if the profile is wrong.
 */
export async function target(env: NodeJS.ProcessEnv): Promise<Target> {
  const { loadClientConnectConfig } = await import('@temporalio/envconfig');
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig({
      overrideEnvVars: env as Record<string, string>,
    });
    const address = connectionOptions.address ?? defaultAddress;
    const connection = { ...connectionOptions, address } as NativeConnectionOptions;
    return { connection, namespace: namespace ?? 'default', address };
  } catch (cause) {
    throw new UserError(
      `The connection to Temporal is not configured correctly: ${(cause as Error).message}\n` +
        'Check TEMPORAL_ADDRESS, TEMPORAL_PROFILE and TEMPORAL_CONFIG_FILE. To see the configuration: temporal config list',
      exitCodes.usage,
    );
  }
}

/**
 * Connects to the server, runs `act` and closes the connection. Throws a UserError if the server
 * cannot be reached or refuses a call.
 */
export async function withSession<T>(
  io: Io,
  act: (session: Session) => Promise<T>,
  connectTimeout: '5 seconds' | '2 seconds' = '5 seconds',
): Promise<T> {
  const { connection: options, namespace, address } = await target(io.env);
  const { Client, Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({ ...options, connectTimeout }).catch(
    (cause: Error) => {
      throw refusal(cause, address, namespace) ?? unreachable(address);
    },
  );
  const client = new Client({ connection, namespace });
  const within = <R>(call: () => Promise<R>, ms = 10_000) =>
    client.withDeadline(Date.now() + ms, call);
  try {
    return await act({ client, namespace, address, within, timeLimits: io.timeLimits });
  } catch (cause) {
    throw refusal(cause, address, namespace) ?? cause;
  } finally {
    await connection.close();
  }
}

export const unreachable = (address: string) =>
  new UserError(
    `No Temporal server answers at ${address}. Nothing was changed.\n` +
      `Start everything on this machine:  ${plimsoll} up\n` +
      `Use a server elsewhere:  TEMPORAL_ADDRESS=host:7233 ${plimsoll} …  (or TEMPORAL_PROFILE=name)`,
    exitCodes.failed,
  );

/** Explains the gRPC errors that a person can fix. Returns undefined for all others. */
export function refusal(cause: unknown, address: string, namespace: string): UserError | undefined {
  const code = grpcCode(cause);
  if (code === undefined) return undefined;
  if (code === grpc.unavailable || code === grpc.deadline) return unreachable(address);
  if (code === grpc.unauthenticated || code === grpc.denied)
    return new UserError(
      `Temporal at ${address} does not let you use namespace "${namespace}". Nothing was changed.\n` +
        'Check TEMPORAL_API_KEY or the TLS files of your profile: temporal config list',
      exitCodes.notAllowed,
    );
  if (code === grpc.notFound && /namespace/i.test(deepest(cause).message))
    return new UserError(
      `Temporal at ${address} has no namespace "${namespace}". Nothing was changed.\n` +
        `Set TEMPORAL_NAMESPACE, or create the namespace: temporal operator namespace create ${namespace}`,
      exitCodes.usage,
    );
  return undefined;
}

const grpc = { deadline: 4, notFound: 5, denied: 7, unavailable: 14, unauthenticated: 16 };

/** True if the server cannot be reached, or did not respond in time. The call may be repeated. */
export const isAway = (cause: unknown) => {
  const code = grpcCode(cause);
  return code === grpc.unavailable || code === grpc.deadline;
};

function grpcCode(cause: unknown): number | undefined {
  const { code } = deepest(cause) as { code?: unknown };
  return typeof code === 'number' ? code : undefined;
}

function deepest(cause: unknown): Error {
  let at = cause as Error;
  while (at?.cause instanceof Error) at = at.cause;
  return at ?? new Error('unknown');
}
