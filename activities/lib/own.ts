/**
 * Returns the entry of a record by its name, or undefined. Ignores inherited entries, because a
 * request may contain a name such as "constructor".
 */
export const own = <T>(record: Record<string, T>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;
