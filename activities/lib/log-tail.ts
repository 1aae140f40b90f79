import { redact } from '../../domain/lib/redact.ts';

/**
 * Returns the last lines of a log for an error text, without empty lines and with secrets redacted.
 */
export const logTail = (text: string, lines = 20) =>
  text
    .split('\n')
    .map(redact)
    .filter((line) => line !== '')
    .slice(-lines);
