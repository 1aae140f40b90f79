/** Resolves to the answer, or to undefined if the server does not know the workflow. */
export async function notFound<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'WorkflowNotFoundError') return undefined;
    throw cause;
  }
}
