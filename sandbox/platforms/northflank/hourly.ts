type HourlyOptions = { hourMs?: number; callsPerHour?: number };

/**
 * The limit of API calls per hour for the account. The hour starts with the first call. The header
 * x-ratelimit-reset contains the number of seconds until the hour ends.
 */
export class Hourly {
  readonly limit: number;
  #used = 0;
  #since = 0;
  #hourMs: number;

  constructor({ hourMs = 60 * 60_000, callsPerHour = 1000 }: HourlyOptions = {}) {
    this.#hourMs = hourMs;
    this.limit = callsPerHour;
  }

  /** Counts one call. Returns false if the call is over the limit. */
  take(): boolean {
    if (Date.now() - this.#since >= this.#hourMs) {
      this.#since = Date.now();
      this.#used = 0;
    }
    this.#used += 1;
    return this.#used <= this.limit;
  }

  /** Sets the number of calls that are left, as if other users of the account had made calls. */
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
