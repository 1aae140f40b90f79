/**
 * Returns the deploy id in the payload of a GitHub deployment. Returns undefined if Plimsoll did
 * not make the GitHub deployment. GitHub sends the payload as an object or as JSON text.
 */
export function deployIdIn(payload: unknown): unknown {
  try {
    const value = typeof payload === 'string' ? (JSON.parse(payload) as unknown) : payload;
    return (value as { deployId?: unknown } | null)?.deployId;
  } catch {
    return undefined;
  }
}
