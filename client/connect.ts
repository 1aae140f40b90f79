import type { Client } from '@temporalio/client';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { plimsoll } from '../domain/messages.ts';
import { UserError } from './errors.ts';
import { exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';

export type Target = { connection: NativeConnectionOptions; namespace: string; address: string };
export type Session = {
  client: Client;
  namespace: string;
  address: string;
  /** A call to the server that gives up after `ms` (default 10 s). */
  within: <T>(call: () => Promise<T>, ms?: number) => Promise<T>;
};

const defaultAddress = 'localhost:7233';

/** Server and namespace by environment and profile, as the temporal command reads them. UserError: bad profile. */
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
      `The connection to Temporal is not configured right: ${(cause as Error).message}\n` +
        'Check TEMPORAL_ADDRESS, TEMPORAL_PROFILE and TEMPORAL_CONFIG_FILE, or: temporal config list',
      exitCodes.usage,
    );
  }
}

/** Connects, acts, closes. What the server refuses comes back as a UserError. */
export async function withSession<T>(io: Io, act: (session: Session) => Promise<T>): Promise<T> {
  const { connection: options, namespace, address } = await target(io.env);
  const { Client, Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({ ...options, connectTimeout: '5 seconds' }).catch(
    (cause: Error) => {
      throw refusal(cause, address, namespace) ?? unreachable(address);
    },
  );
  const client = new Client({ connection, namespace });
  const within = <R>(call: () => Promise<R>, ms = 10_000) =>
    client.withDeadline(Date.now() + ms, call);
  try {
    return await act({ client, namespace, address, within });
  } catch (cause) {
    throw refusal(cause, address, namespace) ?? cause;
  } finally {
    await connection.close();
  }
}

export const unreachable = (address: string) =>
  new UserError(
    `No Temporal server answers at ${address}. Nothing was changed.\n` +
      `On this machine, everything at once:  ${plimsoll} up\n` +
      `A server elsewhere:  TEMPORAL_ADDRESS=host:7233 ${plimsoll} …  (or TEMPORAL_PROFILE=name)`,
    exitCodes.failed,
  );

/** gRPC's codes: what a person can mend, told; undefined for everything else. */
export function refusal(cause: unknown, address: string, namespace: string): UserError | undefined {
  const code = grpcCode(cause);
  if (code === undefined) return undefined;
  if (code === grpc.unavailable || code === grpc.deadline) return unreachable(address);
  if (code === grpc.unauthenticated || code === grpc.denied)
    return new UserError(
      `Temporal at ${address} refuses namespace "${namespace}" to you. Nothing was changed.\n` +
        'Check TEMPORAL_API_KEY or the TLS files of your profile: temporal config list',
      exitCodes.notAllowed,
    );
  if (code === grpc.notFound && /namespace/i.test(deepest(cause).message))
    return new UserError(
      `Temporal at ${address} has no namespace "${namespace}". Nothing was changed.\n` +
        `Set TEMPORAL_NAMESPACE, or make it: temporal operator namespace create ${namespace}`,
      exitCodes.usage,
    );
  return undefined;
}

export const grpc = { deadline: 4, notFound: 5, denied: 7, unavailable: 14, unauthenticated: 16 };

/** The server is away or slow: a reason to ask again, not to give up. */
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
