type HourlyOptions = { hourMs?: number; callsPerHour?: number };

/** The account's calls of this hour. Counted from the first call; -reset is in seconds to go. */
export class Hourly {
  readonly limit: number;
  #used = 0;
  #since = 0;
  #hourMs: number;

  constructor({ hourMs = 60 * 60_000, callsPerHour = 1000 }: HourlyOptions = {}) {
    this.#hourMs = hourMs;
    this.limit = callsPerHour;
  }

  /** One call more; false = it is one too many. */
  take(): boolean {
    if (Date.now() - this.#since >= this.#hourMs) {
      this.#since = Date.now();
      this.#used = 0;
    }
    this.#used += 1;
    return this.#used <= this.limit;
  }

  /** What others of the account used up, or gave back. */
  leave(remaining: number) {
    if (this.#since === 0) this.#since = Date.now();
    this.#used = this.limit - remaining;
  }

  get headers(): Record<string, string> {
    return {
      'x-ratelimit-limit': String(this.limit),
      'x-ratelimit-remaining': String(Math.max(0, this.limit - this.#used)),
      'x-ratelimit-reset': String(Math.ceil((this.#since + this.#hourMs - Date.now()) / 1000)),
    };
  }
}
