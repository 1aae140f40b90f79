/**
 * Returns the entry of a record by its name; undefined = no such entry. Inherited entries are
 * ignored, because a request may ask for a name such as "constructor".
 */
export const own = <T>(record: Record<string, T>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;
