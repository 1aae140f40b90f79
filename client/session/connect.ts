import type { Client } from '@temporalio/client';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { plimsoll } from '../../domain/deploy/wire.ts';
import { codeOf, deepest, grpc } from '../../worker/session/grpc.ts';
import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { TimeLimits } from '../io.ts';
import type { Session as Port } from '../../domain/contract/session.ts';
import type { IdentityOptions } from '../sign/identity.ts';

export type Target = { connection: NativeConnectionOptions; namespace: string; address: string };
/**
 * The calls that a command may make at the server, and the time for which it waits for a worker.
 */
export type Session = Port & { timeLimits: TimeLimits };
/** A connection to Temporal itself, for checks of the server. */
export type Connected = { client: Client; namespace: string; address: string };

const defaultAddress = 'localhost:7233';

/**
 * Reads the address of the server and the namespace from the environment and the profile. The
 * `temporal` command reads them in the same way. Throws a UserError if the profile is wrong.
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

/** The person who signs for the door, and the longest time to connect to Temporal. */
type Opening = IdentityOptions & { connectTimeout?: '5 seconds' | '2 seconds' };

/**
 * Opens a session at the door if PLIMSOLL_SERVER is set, else at Temporal. Runs `act` and closes
 * the session. Throws a UserError if the server cannot be reached or refuses a call.
 */
export async function withSession<T>(
  io: Io,
  { connectTimeout, ...who }: Opening,
  act: (session: Session) => Promise<T>,
): Promise<T> {
  const { timeLimits } = io;
  const server = io.env['PLIMSOLL_SERVER'];
  if (server !== undefined) {
    const { createDoorSession } = await import('./door/door-session.ts');
    const timeoutMs = connectTimeout === '2 seconds' ? { timeoutMs: 2_000 } : {};
    return await act({ ...createDoorSession(io, server, { ...who, ...timeoutMs }), timeLimits });
  }
  const open = async ({ client, address }: Connected) => {
    const { createTemporalSession } = await import('../../worker/session/temporal-session.ts');
    const { statusMs } = timeLimits;
    return await act({ ...createTemporalSession({ client, address, statusMs }), timeLimits });
  };
  return await withTemporal(io, open, connectTimeout);
}

/**
 * Connects to Temporal, runs `act` and closes the connection. Throws a UserError if the server
 * cannot be reached or refuses a call.
 */
export async function withTemporal<T>(
  io: Io,
  act: (connected: Connected) => Promise<T>,
  connectTimeout: Opening['connectTimeout'] = '5 seconds',
): Promise<T> {
  const { connection: options, namespace, address } = await target(io.env);
  const { Client, Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({ ...options, connectTimeout }).catch(
    (cause: Error) => {
      throw refusal(cause, address, namespace) ?? unreachable(address);
    },
  );
  try {
    return await act({ client: new Client({ connection, namespace }), namespace, address });
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
      `Use a server elsewhere:  TEMPORAL_ADDRESS=host:7233 ${plimsoll} …  (or TEMPORAL_PROFILE=name)\n` +
      `Use the door of a worker:  PLIMSOLL_SERVER=https://host ${plimsoll} …`,
    exitCodes.failed,
  );

/** Explains the gRPC errors that a person can fix. Returns undefined for all others. */
export function refusal(cause: unknown, address: string, namespace: string): UserError | undefined {
  const code = codeOf(cause);
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
