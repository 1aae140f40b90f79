import { once } from 'node:events';
import { connect } from 'node:net';
import type { Builds } from '../../domain/config/builds.ts';
import { failures } from '../../domain/deploy/failures.ts';
import { besides, builderEnded, noIsolation } from '../../domain/messages/builds.ts';
import { final, transient } from '../lib/fail.ts';
import type { Builder } from './builder.ts';
import type { Isolation } from './choose.ts';
import { Answer, readLine, socketIn } from './order.ts';
import type { Order } from './order.ts';

/**
 * The worker waits at most this long for a builder to say how it isolates jobs. The builder tries
 * each way for 10 s.
 */
const mostIsolationMs = 45_000;
/** The worker waits for the answer this much longer than the time limit of the job. */
const mostLateMs = 90_000;

/**
 * Makes a builder that passes jobs on to a builder process. This worker and the builder process
 * share `directory`. The connection ends when the signal of a job fires, or when this worker ends.
 * Then the builder process ends the job. `runHere` runs a job with the whole network on this
 * machine, because such a job runs no code of a commit and has a token.
 */
export function atBuilder(builds: Builds, directory: string, runHere: Builder['run']): Builder {
  const ask = (order: Order, how: Asking) => answerOf(directory, order, how);
  return {
    shared: directory,
    async isolation(): Promise<Isolation> {
      const answer = await ask({ builds }, { timeoutMs: mostIsolationMs }).catch(
        (failure: Error) => ({ refused: noIsolation([failure.message]) }),
      );
      if ('isolation' in answer) return { kind: 'builder', directory, at: answer.isolation };
      return {
        kind: 'missing',
        why: 'refused' in answer ? answer.refused : builderEnded(directory),
      };
    },
    async run({ signal, ...job }) {
      const { network } = job;
      if (network.kind === 'whole') return runHere({ ...job, signal });
      const order = { builds, job: { ...job, network } } as Order;
      const timeoutMs = job.timeoutMs + mostLateMs;
      const answer = await ask(order, { timeoutMs, signal }).catch((failure: Error) => {
        signal?.throwIfAborted();
        throw transient(failure.message);
      });
      if ('result' in answer) return answer.result;
      if ('refused' in answer) throw final(failures.misconfigured, answer.refused);
      throw transient('failed' in answer ? answer.failed : builderEnded(directory));
    },
  };
}

type Asking = { timeoutMs: number; signal?: AbortSignal | undefined };

/** Rejects with a text for people if no builder is there, or if the builder ends too early. */
async function answerOf(
  directory: string,
  order: Order,
  { timeoutMs, signal }: Asking,
): Promise<Answer> {
  signal?.throwIfAborted();
  const socket = connect(socketIn(directory));
  try {
    await once(socket, 'connect').catch((cause: Error) => {
      throw new Error(besides.noBuilder(directory, cause.message));
    });
    const end = () => socket.destroy();
    const timer = setTimeout(end, timeoutMs);
    signal?.addEventListener('abort', end, { once: true });
    socket.write(`${JSON.stringify(order)}\n`);
    const line = await readLine(socket)
      .catch(() => {
        throw new Error(builderEnded(directory));
      })
      .finally(() => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
      });
    return Answer.parse(JSON.parse(line));
  } finally {
    socket.destroy();
  }
}
