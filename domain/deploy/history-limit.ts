/**
 * Temporal ends a workflow whose history has more than 51,200 events or more than 50 MB, without a
 * rollback. These are the usual limits of a server, and the limits of Temporal Cloud.
 */
const mostEvents = 51_200;
const mostBytes = 50 * 1024 * 1024;

/** More signals than any deploy needs. Decisions, flags and requests of people are a few dozen. */
export const usualSignals = 500;

/**
 * `suggested`: the server suggests to continue as a new run, which it does at a part of its limits.
 * `signals`: the number of signals that arrived.
 */
export type HistorySize = { events: number; bytes: number; suggested: boolean; signals: number };

/**
 * True if half of the history is used. Then a deploy must end by itself while it still can. A long
 * deploy of many hosts has a few thousand events, and never reaches this. A server with lower limits
 * suggests a new run earlier. This counts only while far too many signals arrive.
 */
export const isHalfFull = ({ events, bytes, suggested, signals }: HistorySize): boolean =>
  events > mostEvents / 2 || bytes > mostBytes / 2 || (suggested && signals > usualSignals);
