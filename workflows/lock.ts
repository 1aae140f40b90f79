import { CancellationScope, condition, log, setHandler } from '@temporalio/workflow';
import type { Claim, DeployStatus, Holder, Plan, RequestRuling } from '../domain/deploy/plan.ts';
import { unverifiedRequester } from '../domain/approval/unverified-requester.ts';
import { notVerified, tooManyRequests } from '../domain/messages/supersede.ts';
import { isWaiting, judgeSuccession } from '../domain/queue/supersede.ts';
import type { SignedRequest } from '../domain/config/config.ts';
import { isFinal, sentence } from './closed.ts';
import * as messages from './messages.ts';
import { weighing } from './proxies.ts';
import type { Signals } from './signals.ts';

/**
 * The limits for the number of rulings, for the number of waiting requests, and for the characters
 * of one request. Without these limits, forged requests could fill the history or the input of the
 * next deploy.
 */
const mostRulings = 100;
const mostWaiting = 20;
const mostLetters = 12_000;

type Successor = { claim: Claim; signed: SignedRequest };
export type Ruled = {
  ruling: RequestRuling;
  /** True if the requester signed the request. The nonce of such a request cannot be used again. */
  genuine: boolean;
  /** The position of this ruling among all rulings on requests in this deploy. */
  number: number;
};
/** The deploy that holds the lock. */
export type Held = Pick<Plan, 'deployId' | 'project' | 'environment' | 'sha' | 'priority'>;

type Host = {
  status: DeployStatus;
  readonly declared: boolean;
  readonly signals: Pick<Signals, 'hears'>;
  onRequest(ruled: Ruled): void;
  /** Cancels the forward phases of the deploy. */
  giveWay(): void;
};

/**
 * Answers requests for the lock that this deploy holds. An activity verifies each request. Then the
 * present phase of the deploy decides whether the request replaces the deploy or is refused.
 */
export class Lock {
  readonly #host: Host;
  readonly #waiting: unknown[];
  #held: Held | null = null;
  #gives = true;
  #judging = false;
  /** The number of requests that were ruled on. */
  ruled = 0;
  approved = false;
  successor: Successor | null = null;

  constructor(host: Host, waiting: unknown[]) {
    this.#host = host;
    this.#waiting = [...waiting];
    setHandler(messages.supersede, (signed) => {
      if (host.signals.hears('supersede', this.#waiting.length)) this.#push(signed);
    });
    void CancellationScope.nonCancellable(() => this.#serve());
  }

  /**
   * From this call on, requests are answered. With `gives: false`, no request replaces the deploy.
   */
  hold(held: Held, { gives = true } = {}) {
    this.#held = held;
    this.#gives = gives;
  }

  /** Waits until every request is answered, or until the next deploy is chosen. */
  async answered() {
    const done = () => !this.#judging && (this.successor !== null || !this.#mayRule());
    await CancellationScope.nonCancellable(() => condition(done));
  }

  /**
   * Returns the next request and the requests that still wait, or null. A deploy without a plan
   * cannot rule on requests. In this case, the first waiting request for this project and
   * environment is next. The next deploy verifies this request.
   */
  next(): { signed: SignedRequest; waiting: unknown[] } | null {
    const { successor } = this;
    if (successor) return { signed: successor.signed, waiting: this.#waiting };
    const asks = this.#held ? -1 : this.#waiting.findIndex((it) => isFor(it, this.#host.status));
    if (asks === -1) return null;
    const signed = this.#waiting[asks] as SignedRequest;
    return { signed, waiting: this.#waiting.slice(asks + 1) };
  }

  #push(signed: unknown) {
    const letters = JSON.stringify(signed ?? null).length;
    if (this.#waiting.length >= mostWaiting || letters > mostLetters)
      return log.warn('a request for this lock is ignored', {
        letters,
        waiting: this.#waiting.length,
      });
    this.#waiting.push(signed);
  }

  #mayRule() {
    return this.#waiting.length > 0 && this.#held !== null && this.successor === null;
  }

  async #serve() {
    for (;;) {
      await condition(() => this.#mayRule());
      const signed = this.#waiting.shift();
      this.#judging = true;
      this.ruled += 1;
      await this.#rule(signed, this.#held as Held);
      this.#judging = false;
    }
  }

  async #rule(signed: unknown, held: Held) {
    const weighed = await this.#weigh(signed, held);
    if (typeof weighed === 'string') {
      const refused = { verdict: 'refused', why: weighed, sha: null } as const;
      return this.#tell({ ...unverifiedRequester(signed), ...refused }, false);
    }
    // There must be no await between the judgement and its consequence, because the phase could
    // change during the await.
    const { requestedBy, nonce, sha } = weighed;
    const judged = judgeSuccession(this.#holder(held), weighed);
    if (judged.verdict === 'replaces')
      this.successor = { claim: weighed, signed: signed as SignedRequest };
    this.#tell({ ...judged, requestedBy, nonce, sha }, true);
    if (this.successor) this.#host.giveWay();
  }

  #tell(said: Omit<RequestRuling, 'at'>, genuine: boolean) {
    const ruling = { ...said, at: new Date().toISOString() };
    this.#host.onRequest({ ruling, genuine, number: this.ruled });
  }

  /**
   * Verifies a request. Returns the verified content of the request, or the reason why the request
   * is refused.
   */
  async #weigh(signed: unknown, held: Held): Promise<Claim | string> {
    if (this.ruled > mostRulings) return tooManyRequests(mostRulings);
    const { deployId, project, environment, sha } = held;
    try {
      const holder = { deployId, project, environment, sha };
      return await weighing.weighRequest({ signed, holder });
    } catch (failure) {
      const final = isFinal(failure);
      return final ? sentence(failure) : notVerified(sentence(failure));
    }
  }

  #holder({ sha, priority }: Held): Holder {
    const { phase } = this.#host.status;
    const untouched = isWaiting(phase) || phase === 'closed';
    const touched = !this.#gives || this.#host.declared || !untouched;
    return { sha, priority, phase, touched, approved: this.approved };
  }
}

/**
 * Returns true if the request has the right shape and names this project and environment. Anybody
 * can send a signal, so no deploy starts without this check.
 */
function isFor(signed: unknown, { project, environment }: DeployStatus): boolean {
  const { request } = (signed ?? {}) as Partial<SignedRequest>;
  const { requestedBy, nonce } = request ?? {};
  const named = typeof requestedBy === 'string' && typeof nonce === 'string';
  return named && request?.project === project && request.environment === environment;
}
