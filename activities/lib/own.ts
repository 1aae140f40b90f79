/** The entry of that name, never something inherited: a request may say "constructor". */
export const own = <T>(record: Record<string, T>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;
