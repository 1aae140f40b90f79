import { redact } from '../../../domain/policy/redact.ts';

/** The last lines of a log for an error text: at most 20, without what looks like a secret. */
export const logTail = (text: string, lines = 20) =>
  text
    .split('\n')
    .map(redact)
    .filter((line) => line !== '')
    .slice(-lines);
