import { CancellationScope, condition, log, setHandler } from '@temporalio/workflow';
import type { Claim, DeployStatus, Holder, Plan, RequestRuling } from '../domain/plan.ts';
import { claimed } from '../domain/policy/claimed.ts';
import { isWaiting, judgeSuccession } from '../domain/policy/supersede.ts';
import type { SignedRequest } from '../domain/schema.ts';
import { isFinal, sentence } from './closed.ts';
import * as messages from './messages.ts';
import { weighing } from './proxies.ts';

/** A flood of forged requests must fill neither the history nor what is carried over. */
const mostRulings = 100;
const mostWaiting = 20;
const mostLetters = 12_000;

type Successor = { claim: Claim; signed: SignedRequest };
export type Ruled = {
  ruling: RequestRuling;
  /** Signed by its requester: its nonce is used up. */
  genuine: boolean;
  /** Of this deploy's rulings on requests. */
  number: number;
};
/** What the slot is held for, and whether it is given up before the first effect. */
export type Held = Pick<Plan, 'deployId' | 'project' | 'environment' | 'sha' | 'priority'>;

type Host = {
  status: DeployStatus;
  readonly declared: boolean;
  onRequest(ruled: Ruled): void;
  /** The way forward ends here. */
  giveWay(): void;
};

/**
 * Who else asks for the slot that this deploy holds. Each request is verified by an activity and judged in one
 * step with the phase that the deploy is in then: either it gives way, or it has begun.
 */
export class Slot {
  readonly #host: Host;
  readonly #waiting: unknown[];
  #held: Held | null = null;
  #gives = true;
  #judging = false;
  /** How many requests have been ruled on. */
  ruled = 0;
  approved = false;
  successor: Successor | null = null;

  constructor(host: Host, waiting: unknown[]) {
    this.#host = host;
    this.#waiting = [...waiting];
    setHandler(messages.supersede, (signed) => this.#push(signed));
    void CancellationScope.nonCancellable(() => this.#serve());
  }

  /** From here on requests are answered. `gives: false`: never given up, whatever the phase says. */
  hold(held: Held, { gives = true } = {}) {
    this.#held = held;
    this.#gives = gives;
  }

  /** Until nobody waits for an answer, or somebody comes next. */
  async answered() {
    const done = () => !this.#judging && (this.successor !== null || !this.#mayRule());
    await CancellationScope.nonCancellable(() => condition(done));
  }

  /**
   * Who comes next, and who still asks. A deploy that was never planned could rule on nobody: then the first
   * that asked, who is verified by their own plan.
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
      return log.warn('a request for this slot is not looked at', {
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
      return this.#tell({ ...claimed(signed), ...refused }, false);
    }
    // No await between the judgement and what follows from it.
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

  /** What it asks for, or why it is not heard. */
  async #weigh(signed: unknown, held: Held): Promise<Claim | string> {
    if (this.ruled > mostRulings) return `${mostRulings} requests were answered already`;
    const { deployId, project, environment, sha } = held;
    try {
      const holder = { deployId, project, environment, sha };
      return await weighing.weighRequest({ signed, holder });
    } catch (failure) {
      const final = isFinal(failure);
      return final ? sentence(failure) : `it could not be verified: ${sentence(failure)}`;
    }
  }

  #holder({ sha, priority }: Held): Holder {
    const { phase } = this.#host.status;
    const untouched = isWaiting(phase) || phase === 'closed';
    const touched = !this.#gives || this.#host.declared || !untouched;
    return { sha, priority, phase, touched, approved: this.approved };
  }
}

/** Anybody can send anything: what a deploy begins with must at least have its shape. */
function isFor(signed: unknown, { project, environment }: DeployStatus): boolean {
  const { request } = (signed ?? {}) as Partial<SignedRequest>;
  const { requestedBy, nonce } = request ?? {};
  const named = typeof requestedBy === 'string' && typeof nonce === 'string';
  return named && request?.project === project && request.environment === environment;
}
