import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { realpath, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { sep } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { UserError } from '../../domain/lib/user-error.ts';
import {
  builderIsThere,
  builderLacks,
  notShared,
  otherVersion,
  secretsOfBuilder,
} from '../../domain/messages/builds.ts';
import { privateDirectory } from '../lib/private-files.ts';
import { createBuilder } from './builder.ts';
import type { Builder } from './builder.ts';
import type { Job } from './job.ts';
import { Order, readLine, socketIn } from './order.ts';
import type { Answer } from './order.ts';
import { wordsOf } from './words-of.ts';

const mostConnections = 64;
/** The longest wait for the order of a worker that has connected. */
const mostWaitMs = 10_000;
const secretName = /TOKEN|SECRET|PASSWORD|PASSPHRASE|API_?KEY|PRIVATE_?KEY|_auth|DATABASE_URL|DSN/i;

export type Serving = { directory: string; close(): Promise<void> };
type Settings = {
  env?: NodeJS.ProcessEnv;
  /** Makes the builder that runs the jobs. Tests replace it. */
  make?: typeof createBuilder;
};

/**
 * Runs jobs for workers that share `directory`. Only this user can connect. Jobs are isolated as on
 * a worker, and never run without isolation. Throws a UserError if the environment has a secret, or
 * if another builder serves the directory.
 */
export async function serveBuilds(
  directory: string,
  { env = process.env, make = createBuilder }: Settings = {},
): Promise<Serving> {
  const secrets = Object.keys(env).filter((name) => secretName.test(name));
  if (secrets.length > 0) throw new UserError(secretsOfBuilder(secrets, directory));
  privateDirectory(directory);
  const shared = await realpath(directory);
  const path = socketIn(shared);
  await mustBeAlone(path, shared);
  const open = new Set<Socket>();
  const remembered = lastOf(make);
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {}).once('close', () => open.delete(socket));
    void serve(socket, { shared, make: remembered });
  });
  server.maxConnections = mostConnections;
  server.listen(path);
  await once(server, 'listening');
  return {
    directory: shared,
    async close() {
      const closed = [...open].map((socket) => once(socket, 'close'));
      for (const socket of open) socket.destroy();
      await Promise.all(closed);
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** Keeps the newest builder, so that it does not search for the isolation again at each job. */
function lastOf(make: typeof createBuilder): typeof createBuilder {
  let last: { of: string; builder: Builder } | undefined;
  return (builds) => {
    const of = JSON.stringify(builds);
    if (last?.of !== of) last = { of, builder: make(builds) };
    return last.builder;
  };
}

/** A builder that was killed leaves its socket behind. */
async function mustBeAlone(path: string, directory: string): Promise<void> {
  const other = connect(path);
  const there = await once(other, 'connect').then(
    () => true,
    () => false,
  );
  other.destroy();
  if (there) throw new UserError(builderIsThere(directory));
  await rm(path, { force: true });
}

type Serve = { shared: string; make: typeof createBuilder };

async function serve(socket: Socket, how: Serve): Promise<void> {
  const ended = new AbortController();
  socket.once('close', () => ended.abort());
  socket.setTimeout(mostWaitMs, () => socket.destroy());
  const line = await readLine(socket).catch(() => null);
  if (line === null) return;
  socket.setTimeout(0);
  const answer = await answerTo(line, how, ended.signal);
  socket.end(`${JSON.stringify(answer)}\n`);
}

async function answerTo(line: string, { shared, make }: Serve, signal: AbortSignal) {
  try {
    const read = Order.safeParse(JSON.parse(line));
    if (!read.success) return { refused: otherVersion };
    const { builds, job } = read.data;
    // The builder chooses an isolation that works here. It never chooses "none", because code of
    // all commits runs here.
    const { isolation: _, directory: _shared, ...rest } = builds;
    const builder = make(rest);
    return job
      ? await run(builder, { shared, job: job as Job, signal })
      : await isolationOf(builder, rest);
  } catch (cause) {
    const isFinal = cause instanceof ApplicationFailure && cause.nonRetryable === true;
    const text = (cause as Error).message;
    return isFinal ? { refused: text } : { failed: text };
  }
}

async function isolationOf(builder: Builder, { memoryMb }: Order['builds']): Promise<Answer> {
  const isolation = await builder.isolation();
  if (isolation.kind === 'missing') return { refused: isolation.why };
  return {
    isolation: wordsOf(isolation, memoryMb) as Extract<Answer, { isolation: unknown }>['isolation'],
  };
}

type Run = { shared: string; job: Job; signal: AbortSignal };

async function run(builder: Builder, { shared, job, signal }: Run): Promise<Answer> {
  for (const path of [job.cwd, ...job.writable]) {
    const real = await realpath(path).catch(() => null);
    if (real === null) return { refused: builderLacks(path, shared) };
    if (!real.startsWith(shared + sep)) return { refused: notShared(path, shared) };
  }
  const lacking = (job.readable ?? []).find((path) => !existsSync(path));
  if (lacking !== undefined) return { refused: builderLacks(lacking, shared) };
  return { result: await builder.run({ ...job, signal }) };
}
