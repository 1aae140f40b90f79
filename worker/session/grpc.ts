/** The gRPC codes that Plimsoll reads. */
export const grpc = {
  invalid: 3,
  deadline: 4,
  notFound: 5,
  denied: 7,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/**
 * Returns true if the server cannot be reached, or did not respond in time. The call may be
 * repeated.
 */
export const isAway = (cause: unknown) => {
  const code = codeOf(cause);
  return code === grpc.unavailable || code === grpc.deadline;
};

/** Returns the gRPC code of an error, or undefined. */
export function codeOf(cause: unknown): number | undefined {
  const { code } = deepest(cause) as { code?: unknown };
  return typeof code === 'number' ? code : undefined;
}

/** Returns the first cause of an error. */
export function deepest(cause: unknown): Error {
  let at = cause as Error;
  while (at?.cause instanceof Error) at = at.cause;
  return at ?? new Error('unknown');
}
