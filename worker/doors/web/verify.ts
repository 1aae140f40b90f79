import { fingerprint, signatureOf } from '../../../activities/approval/ruling.ts';
import { readKeyLine } from '../../../activities/approval/signatures/key-line.ts';
import {
  fingerprintOf,
  isRevoked,
  namedRevoked,
} from '../../../activities/approval/signatures/revoked.ts';
import { verifySignature } from '../../../activities/approval/signatures/signatures.ts';
import { readSshSig } from '../../../activities/approval/signatures/sshsig.ts';
import type { Ledger } from '../../../activities/ledger/types.ts';
import { own } from '../../../activities/lib/own.ts';
import { sshKeygen } from '../../../activities/lib/ssh-keygen.ts';
import { refuseReplay, refuseStale, verifyRequest } from '../../../activities/plan/request.ts';
import type { Config, SignedDecision, SignedRequest } from '../../../domain/config/config.ts';
import type { Order, SignedLogin, SignedOrder } from '../../../domain/config/orders.ts';
import { failures } from '../../../domain/deploy/failures.ts';
import { namespaces } from '../../../domain/deploy/wire.ts';
import { door } from '../../../domain/messages/door.ts';
import { createTurns } from './rates.ts';
import { Refusal } from './refusal.ts';
import { createSeen } from './seen.ts';

export type VerifierDeps = {
  config: () => Config;
  ledger: Pick<Ledger, 'find'>;
  /** The origin of the door, such as https://deploy.example.com. */
  origin: string;
  now?: () => number;
};

/** The longest life of a session, in milliseconds. */
export const sessionMs = 12 * 60 * 60_000;
/**
 * The longest time for which a login or an order may be valid, in milliseconds. It includes the
 * allowed difference between two clocks.
 */
const signedMs = 10 * 60_000;
const skewMs = 2 * 60_000;
const requestMs = 17 * 60_000;
/**
 * The longest time for which a decision may be valid, in milliseconds. A plan expires much earlier.
 */
const decisionMs = 24 * 60 * 60_000;
/**
 * The largest number of calls with the same signed request. If the lock goes from one deploy to
 * another, the client repeats its request.
 */
export const mostTries = 12;
const revokedForMs = 60_000;
/**
 * The longest time for which a decision waits for the ledger, in milliseconds. Without an answer,
 * the ruling activity decides.
 */
const ledgerMs = 2_000;

export type Verifier = ReturnType<typeof createVerifier>;

/**
 * Verifies everything that a client sends, before the door writes to Temporal. Each function throws
 * a Refusal if the check fails. The activities of the deploy make the same checks again.
 */
export function createVerifier({ config, ledger, origin, now = Date.now }: VerifierDeps) {
  const busy = () => new Refusal('busy', door.busy);
  const seen = createSeen(busy, now);
  // Each verification starts a process, so only a few verifications may run at the same time.
  const turn = createTurns({ most: 4, waiting: 60 }, busy);
  // Logins have their own turns, because anybody may try to log in. So logins never delay a
  // decision.
  const loginTurn = createTurns({ most: 2, waiting: 30 }, busy);
  const people = () => ({ ...config().requesters, ...config().approvers });

  function live(what: string, notAfter: string, longestMs: number) {
    const left = Date.parse(notAfter) - now();
    if (left <= 0) throw new Refusal('expired', door.expired(what, notAfter));
    if (left > longestMs) throw new Refusal('expired', door.tooLong(what));
    return Date.parse(notAfter);
  }

  function once(what: string, nonce: string, signed: unknown, until: number, most = 1) {
    if (!seen.use(nonce, { until, message: fingerprint(signed), most }))
      throw new Refusal('replayed', door.replayed(what));
  }

  async function signedBy(
    name: string,
    { payload, signature, namespace }: { payload: unknown; signature: string; namespace: string },
    inTurn = turn,
  ) {
    const keys = own(people(), name)?.keys;
    if (!keys) throw new Refusal('bad-signature', door.unknownPerson(name));
    const { revoked } = config();
    const verify = () => verifySignature({ payload, signature, namespace, keys, revoked });
    const result = await inTurn(verify).catch(unverified);
    if (!result.ok) throw new Refusal('bad-signature', door.notTheirs(name, result.why));
  }

  const lists = new Map<string, { at: number; revoked: boolean }>();
  /** Reads the key revocation lists at most once each minute for each key. */
  async function inLists(key: { type: string; publicKey: string }) {
    const id = fingerprintOf(key);
    const before = lists.get(id);
    if (before && now() - before.at < revokedForMs) return before.revoked;
    const read = () => isRevoked(key, config().revoked, sshKeygen());
    const revoked = await turn(read).catch(unverified);
    lists.set(id, { at: now(), revoked });
    return revoked;
  }

  return {
    /**
     * Returns the person, the fingerprint of the person's key, and the end of the session in epoch
     * ms.
     */
    async login({ login, signature }: SignedLogin) {
      const { url, by, nonce, notAfter } = login;
      const until = live('login', notAfter, signedMs + skewMs);
      if (url !== origin) throw new Refusal('no-right', door.wrongUrl(origin));
      const namespace = namespaces.login;
      await signedBy(by, { payload: login, signature, namespace }, loginTurn);
      once('login', nonce, login, until);
      const publicKey = readSshSig(signature)?.publicKey ?? '';
      return { name: by, key: fingerprintOf({ publicKey }), until: now() + sessionMs };
    },

    /**
     * Returns true if the configuration contains the person with this key, and the key is not
     * revoked.
     */
    async stillHolds({ name, key }: { name: string; key: string }): Promise<boolean> {
      const lines = own(people(), name)?.keys.map(readKeyLine) ?? [];
      const line = lines.find((one) => one !== null && fingerprintOf(one) === key);
      if (!line || namedRevoked(line, config().revoked) || hasEnded(line.options, now()))
        return false;
      return !(await inLists(line));
    },

    async request(
      signed: SignedRequest,
      caller: string,
      { namespace, most = 1 }: { namespace?: string; most?: number } = {},
    ) {
      const { requestedBy, nonce } = signed.request;
      samePerson(requestedBy, caller);
      try {
        refuseStale(signed.request, now());
        await turn(() => verifyRequest(signed, config(), namespace));
        await refuseReplay(signed.request, { ledger, runId: '' });
      } catch (cause) {
        throw refused(cause);
      }
      once('request', nonce, signed, now() + requestMs, most);
      return signed.request;
    },

    /** After this call, no other call may use the request. */
    spend: ({ request }: SignedRequest) => seen.spend(request.nonce),

    async decision(signed: SignedDecision, caller: string, { free = false } = {}) {
      const { decision } = signed;
      const { approver, nonce, notAfter } = decision;
      samePerson(approver, caller);
      const until = live('decision', notAfter, decisionMs + skewMs);
      if (decision.via)
        throw new Refusal('bad-signature', door.notTheirs(approver, 'it is a click'));
      const approvers = free ? people() : config().approvers;
      if (!own(approvers, approver)) throw new Refusal('no-right', door.notApprover(approver));
      const verify = () => signatureOf(signed, config(), { people: approvers });
      const result = await turn(verify).catch(unverified);
      if (!result.ok) throw new Refusal('bad-signature', door.notTheirs(approver, result.why));
      if (await ruledOn(ledger, decision)) throw new Refusal('replayed', door.replayed('decision'));
      once('decision', nonce, signed, until);
    },

    async order(signed: SignedOrder, caller: string): Promise<Order> {
      const { order, signature } = signed;
      samePerson(order.by, caller);
      const until = live('order', order.notAfter, signedMs + skewMs);
      const namespace = namespaces.order;
      await signedBy(order.by, { payload: order, signature, namespace });
      once('order', order.nonce, order, until);
      return order;
    },
  };
}

function samePerson(signer: string, caller: string) {
  if (signer !== caller)
    throw new Refusal('another-person', door.anotherPerson(signer.slice(0, 63), caller));
}

/** Returns true if the ledger contains a ruling on this decision. */
async function ruledOn(
  ledger: Pick<Ledger, 'find'>,
  { deployId, nonce, subject }: SignedDecision['decision'],
) {
  const standalone = ['lift', 'waive', 'stop', 'resume'].includes(subject);
  const key = standalone ? `${subject}/${nonce}` : `${deployId}/ruling/${nonce}`;
  const late = new Promise<null>((resolve) => setTimeout(resolve, ledgerMs, null).unref());
  return (await Promise.race([ledger.find(key).catch(() => null), late])) !== null;
}

/** Returns true if the time in `valid-before` has passed. A day counts from its start in UTC. */
function hasEnded(options: readonly string[], now: number): boolean {
  return options.some((option) => {
    const [, y, m, d, h = '00', min = '00', s = '00'] =
      /^valid-before="(\d{4})(\d\d)(\d\d)(\d\d)?(\d\d)?(\d\d)?Z?"$/.exec(option) ?? [];
    return y !== undefined && Date.parse(`${y}-${m}-${d}T${h}:${min}:${s}Z`) <= now;
  });
}

/**
 * Throws a Refusal. Call this function if ssh-keygen or a revocation list did not answer, because
 * then no signature counts.
 */
function unverified(cause: unknown): never {
  throw cause instanceof Refusal
    ? cause
    : new Refusal('away', door.ledgerAway((cause as Error).message));
}

function refused(cause: unknown): Refusal {
  if (cause instanceof Refusal) return cause;
  const { type, message } = cause as { type?: unknown; message: string };
  if (type !== failures.refused) return new Refusal('away', door.ledgerAway(message));
  const code = codes.find(([part]) => message.includes(part))?.[1] ?? 'bad-signature';
  return new Refusal(code, message, 2);
}

const codes = [
  ['was used before', 'replayed'],
  ['was signed', 'expired'],
  ['has no rights in the project', 'no-right'],
] as const;
