import { z } from 'zod';

const Service = z.strictObject({
  unit: z.string().min(1),
  port: z.number().int().positive().optional(),
  environment: z.record(z.string(), z.string()).optional(),
});

/** The schema of the only argument of sandbox/main.ts. The argument is JSON. */
export const SandboxArgument = z.strictObject({
  directory: z.string().min(1),
  hosts: z.array(
    z.strictObject({
      name: z.string().regex(/^[\w-]+$/),
      service: Service,
      server: z.enum(['sshd', 'ssh2']).optional(),
    }),
  ),
  slowMs: z.number().int().min(0).optional(),
});
export type SandboxArgument = z.infer<typeof SandboxArgument>;

const sample = { directory: '/tmp/sandbox', hosts: [{ name: 'web-1', service: { unit: 'shop' } }] };
const example = `node sandbox/main.ts '${JSON.stringify(sample)}'`;

const refuse = (why: string): never => {
  throw new Error(
    `The sandbox cannot start, because its argument is wrong.\n${why}\n` +
      `Start the sandbox like this: ${example}`,
  );
};

const readJson = (argument: string): unknown => {
  try {
    return JSON.parse(argument);
  } catch {
    return refuse('The argument is not JSON.');
  }
};

/**
 * Reads the argument of sandbox/main.ts. Throws an error that says what is wrong, why, and how to
 * start the sandbox.
 */
export const readSandboxArgument = (argument: string | undefined): SandboxArgument => {
  if (argument === undefined) return refuse('The argument is missing.');
  const result = SandboxArgument.safeParse(readJson(argument));
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  return refuse(`${issues.join('; ')}.`);
};
