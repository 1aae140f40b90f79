/**
 * A gate's verdict. Closed: every reason (what, why, next step). Open: what was seen, a line each.
 */
export type Judged = { open: boolean; reasons: string[] };

/** Open only without a single reason against it. */
export const judged = (against: readonly string[], seen: readonly string[]): Judged =>
  against.length > 0 ? { open: false, reasons: [...against] } : { open: true, reasons: [...seen] };

/** A configured source that could not be read says nothing, and nothing is never a pass. */
export const unread = (errors: readonly string[]): string[] =>
  [...new Set(errors)].map(
    (error) => `could not be read: ${error}. Nothing is known, so the gate stays closed.`,
  );

const shown = 10;

/** The first ten; the rest as a number. */
export function list(names: readonly string[]): string {
  const rest = names.length - shown;
  return names.slice(0, shown).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
