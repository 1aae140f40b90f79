import type { z } from 'zod';

/**
 * Parses JSON of a known shape. null = not JSON, or another shape, such as a truncated file, an
 * error page or the output of another tool.
 */
export function parseAs<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
