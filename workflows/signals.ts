import { log, setDefaultSignalHandler, workflowInfo } from '@temporalio/workflow';
import { isHalfFull } from '../domain/deploy/history-limit.ts';

/**
 * Counts every signal of a deploy. The count is needed because anybody with access to the namespace
 * can send signals without end. The server writes each signal into the history before the deploy
 * sees it.
 */
export class Signals {
  readonly #onHalfFull: () => void;
  arrived = 0;
  ignored = 0;
  /** True if half of the history is used. From this moment, the deploy accepts only orders. */
  halfFull = false;

  /** `onHalfFull` is called once. */
  constructor(onHalfFull: () => void) {
    this.#onHalfFull = onHalfFull;
  }

  /**
   * Ignores and counts the signals without a handler. Call this function after all other handlers
   * are set. A signal that arrived together with the start goes to the first handler that fits.
   */
  ignoreUnknown() {
    setDefaultSignalHandler((name) => {
      this.count();
      this.ignore(name);
    });
  }

  count() {
    this.arrived += 1;
    if (this.halfFull) return;
    const { historyLength, historySize, continueAsNewSuggested } = workflowInfo();
    const size = { events: historyLength, bytes: historySize, signals: this.arrived };
    if (!isHalfFull({ ...size, suggested: continueAsNewSuggested })) return;
    this.halfFull = true;
    this.#onHalfFull();
  }

  /**
   * Counts the signal. Returns false if the deploy must ignore it. `waiting` is the number of
   * signals that are not read yet.
   */
  hears(name: string, waiting: number): boolean {
    this.count();
    if (!this.halfFull && waiting < mostWaiting) return true;
    this.ignore(name);
    return false;
  }

  ignore(name: string) {
    this.ignored += 1;
    if (this.ignored === 1) log.warn('a signal was ignored; more are only counted', { name });
  }
}

/** The largest number of decisions that may wait for their ruling. */
const mostWaiting = 500;
