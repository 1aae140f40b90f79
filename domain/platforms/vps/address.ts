/**
 * Splits `user@host[:port]`. An IPv6 address needs brackets. undefined: the text has another form,
 * such as IPv6 without brackets.
 */
export function splitAddress(address: string) {
  const parts = /^([^@]+)@(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]-][^:[\]]*))(?::(\d{1,5}))?$/.exec(
    address,
  );
  if (!parts) return undefined;
  const [, user, bracketed, plain, port] = parts;
  return { user: user!, host: (bracketed ?? plain)!.toLowerCase(), port: Number(port ?? 22) };
}
