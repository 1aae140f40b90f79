import { readFile } from 'node:fs/promises';
import type { Server as HttpsServer } from 'node:https';
import { createSecureContext } from 'node:tls';
import type { Ledger } from '../../../activities/ledger/types.ts';
import type { Seals } from '../../../activities/lib/seals.ts';
import type { Config } from '../../../domain/config/config.ts';
import type { Web } from '../../../domain/config/web.ts';
import type { SealedPlan } from '../../../domain/deploy/plan.ts';
import type { Session } from '../../../domain/contract/session.ts';
import { UserError } from '../../../domain/lib/user-error.ts';
import {
  badCertificate,
  door,
  doorClosed,
  doorOpen,
  notAnswered,
} from '../../../domain/messages/door.ts';
import { clean } from '../../../domain/messages/parts/clean.ts';
import { whyNotSealedBy } from '../../seal/verify-plan.ts';
import { listenAt } from '../listen.ts';
import { createCalls, writes } from './calls.ts';
import type { Calls } from './calls.ts';
import { createDoorServer } from './http-server.ts';
import type { Arrived } from './http-server.ts';
import { inputs } from './inputs.ts';
import type { CallName } from './inputs.ts';
import { addressKey, createRates } from './rates.ts';
import { Refusal } from './refusal.ts';
import { createRefusals } from './refusals.ts';
import type { Refusals } from './refusals.ts';
import { createTokens } from './tokens.ts';
import type { Tokens } from './tokens.ts';
import { createVerifier } from './verify.ts';
import type { Verifier } from './verify.ts';

export type WebDoorDeps = {
  session: Session;
  ledger: Pick<Ledger, 'find'>;
  seals: Seals;
  taskQueue: string;
  warn: (line: string) => void;
  /**
   * Returns the reason why a plan is not sealed by a worker, or null. Default: checks the seal in
   * the plan.
   */
  whyNotSealed?: (sealed: SealedPlan) => string | null;
  rates?: Partial<AllRates>;
  now?: () => number;
};

export type WebDoor = { port: number | null; known: Refusals['known']; close(): Promise<void> };

const closed: WebDoor = {
  port: null,
  known: () => ({ counts: {}, last: [] }),
  close: async () => {},
};

/**
 * Opens the door if the configuration has `web`. If the address cannot be used, the function only
 * prints a warning, because deploys continue without the door. Throws a UserError if the
 * certificate cannot be read.
 */
export async function openWebDoor(config: Config, deps: WebDoorDeps): Promise<WebDoor> {
  const { web } = config;
  if (!web) return closed;
  const { warn, now = Date.now } = deps;
  const { origin } = new URL(web.url);
  const refusals = createRefusals(warn, { now });
  const verify = createVerifier({ config: () => config, ledger: deps.ledger, origin, now });
  const tokens = createTokens(deps.seals, now);
  const whyNotSealed =
    deps.whyNotSealed ?? ((sealed: SealedPlan) => whyNotSealedBy(deps.seals, sealed));
  const calls = createCalls({
    ...{ ...deps, config: () => config },
    ...{ verify, tokens, whyNotSealed, now },
  });
  const rates = { ...defaultRates, ...deps.rates };
  const { isAway } = deps.session;
  const desk = createDesk({ verify, tokens, calls, rates, now, warn, isAway });
  const tls = web.tls ? await readCertificate(web.tls) : undefined;
  const server = createDoorServer({
    ...{ origin, ...(tls ? { tls } : {}) },
    admit: desk.admit,
    answer: desk.answer,
    refused: ({ code, call, address }) => refusals.record({ code, call, address, name: null }),
  });
  const listening = await listenAt(server, web.listen, ({ code, message }) =>
    warn(doorClosed(web.listen, code ?? message)),
  );
  if (listening.port !== null) warn(doorOpen(origin));
  const stop = web.tls ? renew(server as HttpsServer, web.tls, warn) : () => {};
  const close = async () => {
    stop();
    await listening.close();
    refusals.close();
  };
  return { port: listening.port, known: refusals.known, close };
}

type Desk = {
  verify: Verifier;
  tokens: Tokens;
  calls: Calls;
  rates: AllRates;
  now: () => number;
  warn: (line: string) => void;
  isAway: Session['isAway'];
};

/** The default limits for the calls of one address and of one person. */
const defaultRates = {
  perAddress: { perSecond: 40, burst: 200 },
  loginsPerAddress: { perSecond: 1, burst: 100 },
  perPerson: { perSecond: 20, burst: 100 },
  writesPerPerson: { perSecond: 1, burst: 100 },
};
type AllRates = typeof defaultRates;

/**
 * Makes the function that answers a call. It checks the limits, the session and the input, and then
 * does the work.
 */
function createDesk({ verify, tokens, calls, rates, now, warn, isAway }: Desk) {
  const addresses = createRates(rates.perAddress, now);
  const loginsOf = createRates(rates.loginsPerAddress, now);
  const persons = createRates(rates.perPerson, now);
  const writers = createRates(rates.writesPerPerson, now);
  const tooMany = () => new Refusal('too-many', door.tooMany);

  async function callerOf(token: string | null): Promise<string> {
    const login = token === null ? null : tokens.login(token);
    if (!login || !(await verify.stillHolds(login)))
      throw new Refusal('no-session', door.noSession);
    return login.name;
  }

  async function dispatch({ call, address, token, body }: Arrived): Promise<unknown> {
    if (!Object.hasOwn(inputs, call)) throw new Refusal('unknown-call', door.unknownCall(call));
    const name = call as CallName;
    if (name === 'login') {
      if (!loginsOf.take(addressKey(address))) throw tooMany();
      const login = await verify.login(shaped('login', body));
      return { token: tokens.issue({ use: 'login', ...login }), until: login.until };
    }
    const caller = await callerOf(token);
    const input = shaped(name, body);
    if (!persons.take(caller, name === 'begin' ? costOfTask : 1)) throw tooMany();
    if (isWrite(name, input) && !writers.take(caller)) throw tooMany();
    const work = calls[name] as (it: unknown, by: string) => Promise<unknown>;
    return await work(input, caller);
  }

  let warnedAt = 0;
  return {
    admit({ address }: { address: string }) {
      if (!addresses.take(addressKey(address))) throw tooMany();
    },
    answer: (arrived: Arrived) => dispatch(arrived).catch(explain),
  };

  function explain(cause: unknown): never {
    if (cause instanceof Refusal) throw cause;
    if (isAway(cause)) throw new Refusal('away', door.serverAway);
    const { name, message } = cause as Error;
    if (cause instanceof UserError) throw new Refusal('not-now', message, cause.exitCode);
    if (name === 'WorkflowNotFoundError') throw new Refusal('not-now', door.closed);
    if (name === 'WorkflowExecutionAlreadyStartedError') throw new Refusal('not-now', door.running);
    if (now() - warnedAt >= warnEveryMs) {
      warn(notAnswered(clean(message).slice(0, 300)));
      warnedAt = now();
    }
    throw new Refusal('failed', door.failed);
  }
}

/** A task starts a workflow. So one task counts as this many calls that only read. */
const costOfTask = 5;
const warnEveryMs = 60_000;
const reads: readonly string[] = ['history', 'budget', 'verifyLedger'];

/** Returns true if the call starts a workflow or sends a signal. */
const isWrite = (name: CallName, input: unknown) =>
  writes.has(name) || (name === 'begin' && !reads.includes((input as { task: string }).task));

function shaped<N extends CallName>(name: N, body: unknown) {
  const parsed = inputs[name].safeParse(body);
  if (parsed.success) return parsed.data as never;
  const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'unreadable' };
  const field = path.map(String).join('.') || 'the call';
  throw new Refusal('bad-shape', door.badShape(`${field}: ${message}`.slice(0, 200)));
}

type Certificate = NonNullable<Web['tls']>;

/** Reads the certificate and its key. Throws a UserError if they are missing or do not match. */
async function readCertificate({ cert, key }: Certificate) {
  try {
    const pem = { cert: await readFile(cert), key: await readFile(key) };
    createSecureContext(pem);
    return pem;
  } catch (cause) {
    throw new UserError(badCertificate(cert, (cause as Error).message), 2);
  }
}

const renewEveryMs = 60 * 60_000;

/** Reads the certificate again each hour, so that a renewed certificate needs no restart. */
function renew(server: HttpsServer, tls: Certificate, warn: (line: string) => void) {
  const read = () =>
    readCertificate(tls).then(
      (pem) => server.setSecureContext(pem),
      (cause: Error) => warn(cause.message),
    );
  const timer = setInterval(() => void read(), renewEveryMs).unref();
  return () => clearInterval(timer);
}
