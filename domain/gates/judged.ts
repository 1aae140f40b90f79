/**
 * A gate's verdict. If the gate is closed, each reason names the problem, its cause and the next
 * step. If the gate is open, each reason is one line about a checked fact.
 */
export type Judged = { open: boolean; reasons: string[] };

/**
 * Makes the verdict. If `against` contains reasons, the gate is closed for these reasons. If
 * `against` is empty, the gate is open, and its reasons are the lines of `seen`.
 */
export const judged = (against: readonly string[], seen: readonly string[]): Judged =>
  against.length > 0 ? { open: false, reasons: [...against] } : { open: true, reasons: [...seen] };

/** Returns one reason for each source that could not be read. Missing data must not open a gate. */
export const unread = (errors: readonly string[]): string[] =>
  [...new Set(errors)].map(
    (error) => `a source could not be read: ${error}. There is no data, so the gate stays closed.`,
  );

const shown = 10;

/** Returns the first ten names and the number of further names, as one text. */
export function list(names: readonly string[]): string {
  const rest = names.length - shown;
  return names.slice(0, shown).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
