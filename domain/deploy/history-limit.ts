/**
 * Temporal ends a workflow whose history has more than 51,200 events or more than 50 MB. Such an
 * end causes no rollback. These are the usual limits of a server, and the limits of Temporal Cloud.
 */
const mostEvents = 51_200;
const mostBytes = 50 * 1024 * 1024;

/**
 * More signals than any deploy needs. A deploy usually gets a few dozen decisions, flags and
 * requests.
 */
export const usualSignals = 500;

/**
 * `suggested`: the server suggests that the workflow continues as a new run. A server does so when
 * the history has reached a part of the limits. `signals`: the number of signals that arrived.
 */
export type HistorySize = { events: number; bytes: number; suggested: boolean; signals: number };

/**
 * Returns true if half of the history is used. Then the deploy must end, before the server ends its
 * workflow. Even a long deploy of many hosts has only a few thousand events. A server with lower
 * limits suggests a new run earlier. Such a suggestion counts only after far too many signals.
 */
export const isHalfFull = ({ events, bytes, suggested, signals }: HistorySize): boolean =>
  events > mostEvents / 2 || bytes > mostBytes / 2 || (suggested && signals > usualSignals);
