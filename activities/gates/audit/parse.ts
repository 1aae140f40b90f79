import type { z } from 'zod';

/**
 * Parses JSON and checks its shape. Returns null if the text is not JSON or has another shape, for
 * example a truncated file or an error page. `revive` is the second argument of JSON.parse.
 */
export function parseAs<T>(
  schema: z.ZodType<T>,
  text: string,
  revive?: (key: string, value: unknown) => unknown,
): T | null {
  try {
    const parsed = schema.safeParse(JSON.parse(text.replace(/^\uFEFF/, ''), revive));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
