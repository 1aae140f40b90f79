import type { z } from 'zod';

/** null = not JSON, or JSON of another form: truncated, an error page, another tool's. */
export function parseAs<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
