import type { z } from 'zod';

/**
 * Parses JSON of a known shape. null = not JSON, or another shape, such as a truncated file, an
 * error page or the output of another tool. `revive`: as in JSON.parse.
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
