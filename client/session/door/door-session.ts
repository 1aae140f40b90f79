import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Login, Order, SignedOrder } from '../../../domain/config/orders.ts';
import type { OpenOrder, Run, Session, Task, TaskEnd } from '../../../domain/contract/session.ts';
import { namespaces } from '../../../domain/deploy/wire.ts';
import { onlyOwnName, sessionNotKept } from '../../../domain/messages/door-client.ts';
import { UserError } from '../../errors.ts';
import { exitCodes } from '../../exit-codes.ts';
import type { Io } from '../../io.ts';
import { identity } from '../../sign/identity.ts';
import type { IdentityOptions } from '../../sign/identity.ts';
import { signPayload } from '../../sign/sign.ts';
import { readSession, sessionFile, storeSession } from './stored-session.ts';
import type { Kept } from './stored-session.ts';
import { createPost, DoorAway, NoSession, originOf } from './transport.ts';

/** The time for which a login or an order is valid, in milliseconds. */
const validMs = 10 * 60_000;

/**
 * Makes a session at the door. The person signs one login every 12 hours. The door
 * accepts an order only with a signature, so this session signs each order. Each call ends after `timeoutMs`. Throws a UserError if the address is wrong.
 */
export function createDoorSession(
  io: Io,
  server: string,
  { timeoutMs, ...who }: IdentityOptions & { timeoutMs?: number },
): Session {
  const origin = originOf(server);
  const post = createPost(origin, timeoutMs);
  const { name, keyPath } = identity(io, who);
  const sign = (payload: unknown, namespace: string) =>
    signPayload({ payload, keyPath, namespace, interactive: io.asks, say: io.say });
  const signer = () => ({
    by: name,
    nonce: randomBytes(16).toString('hex'),
    notAfter: new Date(Date.now() + validMs).toISOString(),
  });
  const ask = createAsk({ io, origin, name, post, login });

  async function login(): Promise<Kept> {
    const statement: Login = { url: origin, ...signer() };
    const signature = await sign(statement, namespaces.login);
    return (await post('login', { login: statement, signature }, null)) as Kept;
  }
  async function signed(order: Order): Promise<SignedOrder> {
    return { order, signature: await sign(order, namespaces.order) };
  }
  const inputOf = async (it: Task): Promise<unknown> => {
    if (it.task === 'reconcile')
      return await signed({ order: 'reconcile', ...it.input, ...signer() });
    if (it.task !== 'closeIncident') return it.input;
    const { incident, note, by } = it.input;
    if (by !== name) throw new UserError(onlyOwnName(by, name), exitCodes.usage);
    return await signed({ order: 'closeIncident', incident, note, ...signer() });
  };

  return {
    address: origin,
    namespace: null,
    registry: () => ask('registry', {}),
    lastPoll: (taskQueue) => ask('lastPoll', { taskQueue }),
    deploy: (place, runId) => ask('deploy', runId === undefined ? { place } : { place, runId }),
    status: (run, ms) =>
      ask<never>('status', { ...runOf(run), ms: Math.min(ms, oneCallMs) }).catch((cause) => {
        if (cause instanceof DoorAway) return null;
        throw cause;
      }),
    heir: (run) => ask('heir', runOf(run)),
    end: (run) => ask('end', runOf(run)),
    aftermath: ({ deployId, ...run }, ms) =>
      patiently(ms, (left) => ask('aftermath', { ...runOf(run), deployId, ms: left })),
    start: (_, request) => ask('start', { signed: request }),
    rollBack: (_, request) => ask('rollBack', { signed: request }),
    supersede: (run, request) => ask('supersede', { ...runOf(run), signed: request }),
    decide: (run, decision) => ask('decide', { ...runOf(run), signed: decision }),
    order: async (run, order) =>
      ask('order', { signed: await signed(orderOf(run, order, signer())) }),
    begin: async (_, it) => ask('begin', { task: it.task, input: await inputOf(it) }),
    taskEnd: ({ id }, ms) =>
      patiently<TaskEnd>(ms, (left) => ask('taskEnd', { ticket: id, ms: left })),
    isAway: (cause) => cause instanceof DoorAway,
  };
}

/** Returns only the place and the run, because the door accepts no other field. */
const runOf = ({ place: { project, environment }, runId }: Run) => ({
  place: { project, environment },
  runId,
});

function orderOf({ place, runId }: Run, it: OpenOrder, signer: Omit<Login, 'url'>): Order {
  const { project, environment } = place;
  const run = { project, environment, runId, ...signer };
  if (it.order === 'flag') return { order: 'flag', text: it.text, ...run };
  return { order: it.order, ...run };
}

/** The longest time that the door waits in one call. */
const oneCallMs = 20_000;
/**
 * The largest number of failed calls in a row. When a worker restarts, the door does not answer for
 * some seconds, but the task at Temporal continues.
 */
const mostFailures = 10;

/**
 * Asks again and again until there is an answer, for at most `ms`. In one call, the door waits for
 * at most 20 s.
 */
async function patiently<T>(ms: number, ask: (left: number) => Promise<T | null>) {
  const until = Date.now() + ms;
  let failures = 0;
  for (let left = ms; left > 0; left = until - Date.now()) {
    try {
      const answer = await ask(Math.min(left, oneCallMs));
      if (answer !== null) return answer;
      failures = 0;
    } catch (cause) {
      failures += 1;
      if (!(cause instanceof DoorAway) || failures > mostFailures) throw cause;
      await delay(1_000);
    }
  }
  return null;
}

type Asking = {
  io: Io;
  origin: string;
  name: string;
  post: ReturnType<typeof createPost>;
  login: () => Promise<Kept>;
};

/**
 * Makes the function that calls the door with a session. Without a session, the function logs in
 * first.
 */
function createAsk({ io, origin, name, post, login }: Asking) {
  const path = sessionFile(io.env, origin, name);
  let opening: Promise<Kept> | undefined;
  async function fresh(): Promise<Kept> {
    const session = await login();
    await storeSession(path, session).catch((cause: Error) =>
      io.say(sessionNotKept(path, cause.message)),
    );
    return session;
  }
  const open = () => (opening ??= readSession(path).then((kept) => kept ?? fresh()));
  /**
   * Replaces a session that the door refused. If several calls need a new session, they share one
   * login.
   */
  async function renew(refused: string): Promise<Kept> {
    const now = await open();
    if (now.token === refused) opening = fresh();
    return await open();
  }
  return async <T>(call: string, input: unknown): Promise<T> => {
    const { token } = await open();
    try {
      return (await post(call, input, token)) as T;
    } catch (cause) {
      if (!(cause instanceof NoSession)) throw cause;
      return (await post(call, input, (await renew(token)).token)) as T;
    }
  };
}
