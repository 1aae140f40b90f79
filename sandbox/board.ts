/** The fault switches of every stand-in. */
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

/** `match` is a part of the operation's name: "POST /api/chat.postMessage", "push", "restart". */
export type Fault = { service: string; match: string; kind: FaultKind; times: number };
export type Effect = { at: string; service: string; operation: string; detail: string };

/** A request over HTTP that was not a read, whatever became of it: "POST /api/chat.postMessage". */
export type Write = { at: string; service: string; call: string };

/** Armed faults, every write that was asked for, and the count of every effect that really happened. */
export class Board {
  readonly effects: Effect[] = [];
  readonly writes: Write[] = [];
  #faults: Fault[] = [];
  #held = new Set<() => void>();

  /** Called at the moment the effect is real, before any answer. */
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

  /** What was armed for exactly this match is armed no more. */
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

  /** The fault that this call must suffer, used up by being taken. */
  take(service: string, operation: string): FaultKind | undefined {
    const fault = this.#faults.find(
      (f) => f.service === service && operation.includes(f.match) && f.times > 0,
    );
    if (!fault) return undefined;
    fault.times -= 1;
    this.#faults = this.#faults.filter((f) => f.times > 0);
    return fault.kind;
  }

  /** `hold`: the effect is done, the answer waits for `release`. */
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
