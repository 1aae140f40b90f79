/**
 * The kinds of fault. With `429` and with "-before", the call fails and has no effect. With
 * "-after", the call has its effect and then fails. With `slow`, the call is delayed. With `hold`,
 * the response waits until `release` is called. With `lying-status`, the response reports a false
 * state.
 */
export const faultKinds = [
  '429',
  '500-before',
  '500-after',
  'drop-before',
  'drop-after',
  'slow',
  'lying-status',
  'hold',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/**
 * A fault for the next `times` calls whose operation contains the text `match`. Examples of
 * `match`: "POST /api/chat.postMessage", "push", "restart".
 */
export type Fault = { service: string; match: string; kind: FaultKind; times: number };
export type Effect = { at: string; service: string; operation: string; detail: string };

/**
 * An HTTP request that is not a read, such as "POST /api/chat.postMessage". The board also records
 * requests that failed.
 */
export type Write = { at: string; service: string; call: string };

/** Holds the armed faults, and records every requested write and every real effect. */
export class Board {
  readonly effects: Effect[] = [];
  readonly writes: Write[] = [];
  #faults: Fault[] = [];
  #held = new Set<() => void>();

  /**
   * Records one effect. A stand-in must call this function when it makes the effect, before it
   * sends the response.
   */
  count(service: string, operation: string, detail: string) {
    this.effects.push({ at: new Date().toISOString(), service, operation, detail });
  }

  heard(service: string, method: string, path: string) {
    if (['GET', 'HEAD', 'OPTIONS'].includes(method)) return;
    this.writes.push({ at: new Date().toISOString(), service, call: `${method} ${path}` });
  }

  arm(fault: Fault) {
    this.#faults.push({ ...fault });
  }

  /** Removes the faults whose `match` is exactly this text. */
  disarm(match: string) {
    this.#faults = this.#faults.filter((fault) => fault.match !== match);
  }

  get armed(): readonly Fault[] {
    return this.#faults;
  }

  clear() {
    this.#faults = [];
    this.release();
  }

  /**
   * Returns the kind of the first armed fault that matches the operation, or undefined. Reduces the
   * `times` of this fault by 1. At 0, the fault is removed.
   */
  take(service: string, operation: string): FaultKind | undefined {
    const fault = this.#faults.find(
      (f) => f.service === service && operation.includes(f.match) && f.times > 0,
    );
    if (!fault) return undefined;
    fault.times -= 1;
    this.#faults = this.#faults.filter((f) => f.times > 0);
    return fault.kind;
  }

  /**
   * Returns a promise that resolves at the next call of `release`. With the fault `hold`, an API
   * request has its effect at once, but its response waits for this promise.
   */
  held(): Promise<void> {
    return new Promise((resolve) => this.#held.add(resolve));
  }

  get holding() {
    return this.#held.size;
  }

  release() {
    for (const resolve of this.#held) resolve();
    this.#held.clear();
  }
}
